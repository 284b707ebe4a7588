import DalleFormat
import DalleKernels

/// Symmetric 8-bit numbers, one scale for a row: its largest magnitude becomes ±127.
struct Int8RowCodec: RowCodec {
    var coding: PackedRows.Coding { .int8 }

    private static let limit: Float = 127

    func pack(
        _ row: RowReader.Row, _ packing: PackedRows, into values: UnsafeMutableRawBufferPointer
    ) -> (scale: Float, error: RowError) {
        let scale = Self.scale(largest: row.largest, becomes: Self.limit)
        let sums = Kernels.best.int8(
            row.padded, scale: scale, inverse: scale > 0 ? 1 / scale : 0,
            into: values.assumingMemoryBound(to: Int8.self))
        return (scale, RowError(sums))
    }
}
