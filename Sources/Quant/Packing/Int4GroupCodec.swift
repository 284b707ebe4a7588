import DalleFormat

/// 4-bit numbers from −8 to 7, a float16 scale for each group of 32, chosen by the least squared error.
///
/// A scale may be negative: then the number of largest magnitude, whatever its sign, can become −8.
struct Int4GroupCodec: RowCodec {
    /// How a group's scale is chosen.
    enum Choice: Sendable {
        /// The number of largest magnitude becomes −8.
        case largest
        /// Of many, the one with the least squared error.
        case leastError
    }

    let choice: Choice

    var coding: PackedRows.Coding { .int4 }

    private static let low: Float = -8
    private static let high: Float = 7
    /// What the number of largest magnitude becomes before it is cut off at −8 or 7.
    private static let candidates: [Float] = [-8, -7.5, -7, -8.5, -9, -10, -11, 7, 7.5, 8, 6.5, 8.5, 9, 10]

    func chooseScales(
        _ row: UnsafeBufferPointer<Float>, into scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        for group in 0..<scales.count / 2 {
            let bits = try scale(Self.group(group, of: row))
            scales.storeBytes(of: bits.littleEndian, toByteOffset: 2 * group, as: UInt16.self)
        }
    }

    private func scale(_ group: UnsafeBufferPointer<Float>) throws(DalleError) -> UInt16 {
        var largest: Float = 0
        for value in group where abs(value) > abs(largest) { largest = value }
        guard largest != 0 else { return 0 }
        let scale = choice == .largest ? largest / Self.low : Self.leastError(group, largest: largest)
        let bits = FloatBits.half(scale)
        guard bits & 0x7C00 != 0x7C00 else {
            throw DalleError(
                .badData, "holds \(largest), too large for a float16 scale of 4-bit numbers",
                remedy: "Give it another type with --keep REGEX=TYPE")
        }
        // Too small for float16: all numbers of the group become 0.
        return bits & 0x7FFF == 0 ? 0 : bits
    }

    /// Squared error of whole numbers q: Σ(x − s·q)². It is least, for these q, at s = Σxq / Σq², where it is
    /// Σx² − (Σxq)² / Σq².
    private static func leastError(_ group: UnsafeBufferPointer<Float>, largest: Float) -> Float {
        var best = (scale: largest / low, gain: -Double.infinity)
        for candidate in candidates {
            let scale = largest / candidate
            guard scale != 0 else { continue }
            var (product, square) = (0.0, 0.0)
            for value in group {
                let number = Double(WholeNumber.nearest(value / scale, from: low, to: high))
                product += Double(value) * number
                square += number * number
            }
            guard square > 0 else { continue }
            let gain = product * product / square
            if gain > best.gain { best = (Float(product / square), gain) }
        }
        return best.scale
    }

    func encode(
        _ row: UnsafeBufferPointer<Float>, scales: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) {
        let half = PackedRows.groupCount / 2
        for group in 0..<scales.count / 2 {
            let bits = UInt16(littleEndian: scales.loadUnaligned(fromByteOffset: 2 * group, as: UInt16.self))
            let scale = FloatBits.float(half: bits)
            let values = Self.group(group, of: row)
            func code(_ place: Int) -> UInt8 {
                // A zero, with 8 added, in padding too.
                guard scale != 0, place < values.count else { return 8 }
                return UInt8(
                    truncatingIfNeeded: WholeNumber.nearest(values[place] / scale, from: Self.low, to: Self.high) &+ 8)
            }
            for place in 0..<half { bytes[group * half + place] = code(place) | code(place + half) << 4 }
        }
    }

    private static func group(_ number: Int, of row: UnsafeBufferPointer<Float>) -> UnsafeBufferPointer<Float> {
        let start = number * PackedRows.groupCount
        return UnsafeBufferPointer(rebasing: row[start..<min(start + PackedRows.groupCount, row.count)])
    }
}
