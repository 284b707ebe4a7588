import DalleFormat
import DalleKernels

/// Symmetric 8-bit numbers, one scale for a row: its largest magnitude becomes ±127.
struct Int8RowCodec: RowCodec {
    var coding: PackedRows.Coding { .int8 }

    private static let limit: Float = 127

    func pack(_ row: UnsafeBufferPointer<Float>, into values: UnsafeMutableRawBufferPointer) -> Float {
        let scale = Self.scale(largest: Float(bitPattern: row.largestMagnitudeBits), becomes: Self.limit)
        Kernels.best.int8(
            row, inverse: scale > 0 ? 1 / scale : 0, into: values.assumingMemoryBound(to: Int8.self))
        return scale
    }
}
