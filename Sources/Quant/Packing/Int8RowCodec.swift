import DalleFormat
import DalleKernels

/// Symmetric 8-bit integers with one scale per row, whose largest magnitude maps to ±127.
struct Int8RowCodec: RowCodec {
    var coding: PackedRows.Coding { .int8 }

    private static let limit: Float = 127

    func pack(_ row: RowReader.Row, into values: UnsafeMutableRawBufferPointer) -> (scale: Float, error: RowError) {
        let scale = Self.scale(maximumMagnitude: row.maximumMagnitude, mapsTo: Self.limit)
        let numbers = values.assumingMemoryBound(to: Int8.self)
        Kernels.best.int8(row.padded, inverse: scale > 0 ? 1 / scale : 0, into: numbers)
        let error = Kernels.best.errorSums(row.padded, UnsafeBufferPointer(numbers), scale: scale)
        return (scale, RowError(error))
    }
}
