import CKernels
import Testing

/// What a convolution's kernel leaves of a tile: its outputs and their statistics.
struct ConvolvedTile {
    let y: Guarded<Float>
    let statistics: Guarded<Float>
    let rows: Int
    let columns: Int
    let outputs: Int
    /// Floats from a row of pixels to the next, and from a pixel to the next.
    let strides: (row: Int, pixel: Int)

    /// Holds the levels' results, the plain one first, against each other: levels that fuse give the same bits among each
    /// other, else all do.
    ///
    /// - Returns: What remains to be held against plain sums.
    static func agreeing(_ results: [ConvolvedTile], isFused: Bool, _ number: Int) -> [ConvolvedTile] {
        let twin = results[isFused && results.count > 1 ? 1 : 0]
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result.y.hasSameBits(as: twin.y) && result.y.isIntact, "\(level.name) \(number)")
            #expect(result.statistics.hasSameBits(as: twin.statistics), "\(level.name) \(number)")
        }
        return [results[0], twin]
    }

    /// Holds the outputs against sums in double precision, with the magnitudes they add up, and the statistics against the
    /// outputs.
    ///
    /// - Parameter expected: By row, column and output; nil of those that are not looked at.
    func check(_ number: Int, _ expected: (Int, Int, Int) -> (value: Double, size: Double)?) {
        for output in 0..<outputs {
            var (sum, squares, size) = (0.0, 0.0, 0.0)
            for row in 0..<rows {
                for column in 0..<columns {
                    let found = Double(y.start[row * strides.row + column * strides.pixel + output])
                    sum += found
                    squares += found * found
                    size += abs(found)
                    guard let right = expected(row, column, output) else { continue }
                    #expect(abs(found - right.value) <= 2e-6 * right.size, "\(number) at \(row), \(column), \(output)")
                }
            }
            #expect(abs(Double(statistics.start[output]) - sum) <= 1e-5 * size)
            #expect(abs(Double(statistics.start[outputs + output]) - squares) <= 1e-5 * squares)
        }
    }
}
