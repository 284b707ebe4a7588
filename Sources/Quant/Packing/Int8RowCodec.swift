import DalleFormat
import DalleKernels

/// Symmetric 8-bit numbers, one scale for a row: its largest magnitude becomes ±127.
struct Int8RowCodec: RowCodec {
    var coding: PackedRows.Coding { .int8 }

    private static let limit: Float = 127

    func convert(
        _ row: RowReader.Row, _ packing: PackedRows, values: UnsafeMutableRawBufferPointer,
        scales: UnsafeMutableRawBufferPointer
    ) -> RowError {
        let scale = Self.scale(largest: row.largest)
        scales.storeBytes(of: scale.bitPattern.littleEndian, as: UInt32.self)
        return RowError(
            QuantizationKernels.int8(
                row.padded, scale: scale, inverse: scale > 0 ? 1 / scale : 0,
                into: values.assumingMemoryBound(to: Int8.self)))
    }

    static func scale(largest: Float) -> Float {
        guard largest > 0 else { return 0 }
        // A scale below the normal numbers would have few bits itself.
        var scale = max(largest / limit, .leastNormalMagnitude)
        // Rounded up, the scale of the largest floats would make infinity of 127.
        while !(scale * limit).isFinite { scale = scale.nextDown }
        return scale
    }
}
