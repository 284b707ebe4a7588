import DalleFormat
import DalleKernels

/// 4-bit numbers from −8 to 7, a multiplier for each group of 16, one scale for a row; multipliers and scale are chosen by
/// the least squared error.
///
/// A multiplier may be negative: so the number of largest magnitude of a group, whatever its sign, can become −8.
struct Int4RowCodec: RowCodec {
    /// A weight for each number of a row, padded as rows are.
    private let weights: [Float]?

    var coding: PackedRows.Coding { .int4 }

    /// What a row's largest magnitude becomes: the largest multiplier times 8, or more, which is cut off.
    static let limits: [Float] = [120, 126]

    /// - Parameter weights: For the error of each column, where that matters.
    init(weights: [Float]? = nil) {
        self.weights = weights.map {
            $0 + [Float](repeating: 1, count: RowReader.padded($0.count) - $0.count)
        }
    }

    func pack(_ row: RowReader.Row, into values: UnsafeMutableRawBufferPointer) -> (scale: Float, error: RowError) {
        let scale = choose(row, values)
        let error = withUnsafeTemporaryAllocation(of: Int8.self, capacity: row.padded.count) { bytes in
            Kernels.best.expand(UnsafeBufferPointer(values.assumingMemoryBound(to: UInt8.self)), into: bytes)
            return Kernels.best.errorSums(row.padded, UnsafeBufferPointer(bytes), scale: scale)
        }
        return (scale, RowError(error))
    }

    private func choose(_ row: RowReader.Row, _ values: UnsafeMutableRawBufferPointer) -> Float {
        withUnsafeTemporaryAllocation(byteCount: values.count, alignment: 64) { other in
            var best: (scale: Float, error: Double)?
            for limit in Self.limits {
                let scale = Self.scale(largest: row.largest, becomes: limit)
                let space = best == nil ? values : other
                let error = Kernels.best.int4(
                    row.padded, weights: weights, scale: scale, into: space.assumingMemoryBound(to: UInt8.self))
                let found = (scale: scale, error: Double(error) * Double(scale) * Double(scale))
                if let least = best?.error {
                    guard found.error < least else { continue }
                    values.copyMemory(from: UnsafeRawBufferPointer(other))
                }
                best = found
            }
            return best?.scale ?? 0
        }
    }
}
