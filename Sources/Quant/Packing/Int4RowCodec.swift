import DalleFormat
import DalleKernels

/// 4-bit integers from −8 to 7, a multiplier for each group of 16 and a scale for each row; multipliers and scale minimise
/// the squared error.
///
/// A multiplier may be negative, so that a group's largest magnitude can become −8 whatever its sign.
struct Int4RowCodec: RowCodec {
    /// The importance of each column, padded like a row.
    private let weights: [Float]?

    var coding: PackedRows.Coding { .int4 }

    /// Candidates for the integer that a row's largest magnitude maps to: the largest multiplier times 8, or more, which clips.
    static let limits: [Float] = [120, 126]

    /// - Parameter weights: The importance of each column's error, if known.
    init(weights: [Float]? = nil) {
        self.weights = weights.map {
            $0 + [Float](repeating: 1, count: RowReader.padded($0.count) - $0.count)
        }
    }

    func pack(_ row: RowReader.Row, into values: UnsafeMutableRawBufferPointer) -> (scale: Float, error: RowError) {
        let scale = choose(row, values)
        let error = withUnsafeTemporaryAllocation(of: Int8.self, capacity: row.padded.count) { bytes in
            Kernels.best.unpackInt4(UnsafeBufferPointer(values.assumingMemoryBound(to: UInt8.self)), into: bytes)
            return Kernels.best.errorSums(row.padded, UnsafeBufferPointer(bytes), scale: scale)
        }
        return (scale, RowError(error))
    }

    private func choose(_ row: RowReader.Row, _ values: UnsafeMutableRawBufferPointer) -> Float {
        withUnsafeTemporaryAllocation(byteCount: values.count, alignment: 64) { other in
            var best: (scale: Float, error: Double)?
            for limit in Self.limits {
                let scale = Self.scale(maximumMagnitude: row.maximumMagnitude, mapsTo: limit)
                let space = best == nil ? values : other
                let error = Kernels.best.int4(
                    row.padded, weights: weights, scale: scale, into: space.assumingMemoryBound(to: UInt8.self))
                let found = (scale: scale, error: Double(error) * Double(scale) * Double(scale))
                if let minimum = best?.error {
                    guard found.error < minimum else { continue }
                    values.copyMemory(from: UnsafeRawBufferPointer(other))
                }
                best = found
            }
            return best?.scale ?? 0
        }
    }
}
