import DalleFormat

/// Symmetric 8-bit numbers, one scale for a row: its largest magnitude becomes ±127.
struct Int8RowCodec: RowCodec {
    var coding: PackedRows.Coding { .int8 }

    private static let limit: Float = 127

    func chooseScales(
        _ row: UnsafeBufferPointer<Float>, into scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        let largest = Float(bitPattern: row.largestMagnitudeBits)
        var scale: Float = 0
        if largest > 0 {
            // A scale below the normal numbers would have few bits itself.
            scale = max(largest / Self.limit, .leastNormalMagnitude)
            // Rounded up, the scale of the largest floats would make infinity of 127.
            while !(scale * Self.limit).isFinite { scale = scale.nextDown }
        }
        scales.storeBytes(of: scale.bitPattern.littleEndian, as: UInt32.self)
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
