import DalleFormat
import DalleKernels

/// 4-bit numbers from −8 to 7, a multiplier for each group of 16 chosen by the least squared error, one scale for a row:
/// with the largest multiplier the row's largest magnitude becomes −8.
///
/// A multiplier may be negative: so the number of largest magnitude of a group, whatever its sign, can become −8.
struct Int4RowCodec: RowCodec {
    /// A weight for each number of a row, padded as rows are.
    private let weights: [Float]?

    var coding: PackedRows.Coding { .int4 }

    /// The largest multiplier times 8.
    private static let limit: Float = 120

    /// - Parameter weights: For the error of each column, where that matters.
    init(weights: [Float]? = nil) {
        self.weights = weights.map {
            $0 + [Float](repeating: 1, count: RowReader.padded($0.count) - $0.count)
        }
    }

    func pack(_ row: UnsafeBufferPointer<Float>, into values: UnsafeMutableRawBufferPointer) -> Float {
        let scale = Self.scale(largest: Float(bitPattern: row.largestMagnitudeBits), becomes: Self.limit)
        Kernels.best.int4(row, weights: weights, scale: scale, into: values.assumingMemoryBound(to: UInt8.self))
        return scale
    }
}
