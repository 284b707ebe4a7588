import DalleFormat

/// Symmetric 8-bit numbers, one scale for a row.
struct Int8RowCodec: RowCodec {
    /// How a row's scale is chosen.
    enum Choice: Sendable {
        /// The largest magnitude becomes ±127.
        case largest
        /// Of `candidates`, the one with the least squared error.
        case leastError
    }

    let choice: Choice

    var coding: PackedRows.Coding { .int8 }

    private static let limit: Float = 127
    /// Shares of the largest magnitude that become ±127; what lies beyond is cut off.
    private static let candidates: [Float] = [1, 0.98, 0.96, 0.94, 0.92, 0.9, 0.88, 0.86]

    func chooseScales(
        _ row: UnsafeBufferPointer<Float>, into scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        let largest = Float(bitPattern: row.largestMagnitudeBits)
        var scale: Float = 0
        if largest > 0 {
            // A scale below the normal numbers would have few bits itself.
            scale = max(largest / Self.limit, .leastNormalMagnitude)
            if choice == .leastError { scale = Self.leastError(row, from: scale) }
            // Rounded up, the scale of the largest floats would make infinity of 127.
            while !(scale * Self.limit).isFinite { scale = scale.nextDown }
        }
        scales.storeBytes(of: scale.bitPattern.littleEndian, as: UInt32.self)
    }

    /// Squared error of whole numbers q: Σ(x − s·q)². It is least, for these q, at s = Σxq / Σq², where it is
    /// Σx² − (Σxq)² / Σq².
    private static func leastError(_ row: UnsafeBufferPointer<Float>, from full: Float) -> Float {
        var best = (scale: full, gain: -Double.infinity)
        for candidate in candidates {
            let scale = max(full * candidate, .leastNormalMagnitude)
            var (product, square) = (0.0, 0.0)
            for value in row {
                let number = Double(WholeNumber.nearest(value / scale, from: -limit, to: limit))
                product += Double(value) * number
                square += number * number
            }
            guard square > 0, product > 0 else { continue }
            let gain = product * product / square
            if gain > best.gain { best = (max(Float(product / square), .leastNormalMagnitude), gain) }
        }
        return best.scale
    }

    func encode(
        _ row: UnsafeBufferPointer<Float>, scales: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) {
        let scale = Float(bitPattern: UInt32(littleEndian: scales.loadUnaligned(as: UInt32.self)))
        guard scale > 0, let numbers = bytes.baseAddress?.assumingMemoryBound(to: Int8.self) else {
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            return
        }
        for i in row.indices {
            numbers[i] = Int8(
                truncatingIfNeeded: WholeNumber.nearest(row[i] / scale, from: -Self.limit, to: Self.limit))
        }
        for i in row.count..<bytes.count { numbers[i] = 0 }
    }
}
