import Testing

@testable import DalleKernels

/// Inputs in two bytes against those in one, and against floats.
@Suite struct Int16ActivationTests {
    @Test func int16ActivationsAreNearerAndTheSameOnEveryLevel() throws {
        var random = RandomNumbers(seed: 9)
        let (rows, columns, stride, batch) = (37, 150, 192, 5)
        let numbers = (0..<rows * stride).map { $0 % stride < columns ? Int8(random.below(255) - 127) : 0 }
        let scales = random.floats(rows)
        let weights = HeldWeights.rows(.int8, numbers, scales: scales, rows: rows, columns: columns, stride: stride)
        // Like a hidden state with one large number.
        var inputs = random.floats(batch * columns)
        for b in 0..<batch { inputs[b * columns + 3 * b] = 40 }
        func products(_ kernels: Kernels, usesInt16Activations: Bool) throws -> [Float] {
            let x = try ActivationRows(rows: batch, columns: columns, usesInt16Activations: usesInt16Activations)
            let y = try ActivationRows(rows: batch, columns: rows + 3, usesInt16Activations: usesInt16Activations)
            for b in 0..<batch {
                _ = x.row(b).update(fromContentsOf: inputs[b * columns..<(b + 1) * columns])
                kernels.quantize(x, row: b)
            }
            for part in [0..<16, 16..<rows] {
                kernels.multiply(weights, part, x, count: batch, into: y, at: 3 + part.lowerBound)
            }
            return (0..<batch).flatMap { y.row($0).dropFirst(3) }
        }
        func error(_ found: [Float]) -> Double {
            var most = 0.0
            for b in 0..<batch {
                for r in 0..<rows {
                    let sum = (0..<columns).reduce(0.0) {
                        $0 + Double(numbers[r * stride + $1]) * Double(inputs[b * columns + $1])
                    }
                    most = max(most, abs(Double(found[b * rows + r]) - sum * Double(scales[r])))
                }
            }
            return most
        }
        let (coarse, fine) = try (
            products(.scalar, usesInt16Activations: false), products(.scalar, usesInt16Activations: true)
        )
        #expect(error(fine) < error(coarse) / 100)
        for kernels in Kernels.levels {
            let found = try products(kernels, usesInt16Activations: true)
            #expect(found.map(\.bitPattern) == fine.map(\.bitPattern), "\(kernels.name)")
        }
    }
}
