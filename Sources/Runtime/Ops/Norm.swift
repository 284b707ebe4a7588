import DalleFormat
import DalleModels

/// Normalises each row: layer norm (mean 0, variance 1) or RMS norm (mean square 1), then scale and bias if present.
///
/// Layer norm: arXiv 1607.06450; RMS norm: arXiv 1910.07467.
struct Norm: Sendable {
    let kind: NormKind
    let epsilon: Double
    let scale: FloatTensor?
    let bias: FloatTensor?

    func callAsFunction(_ x: Matrix) -> Matrix {
        var y = x
        for row in 0..<x.rows {
            let range = row * x.columns..<(row + 1) * x.columns
            // Sums in double precision: the order of adding then does not matter at float precision.
            var sum = 0.0
            var sumOfSquares = 0.0
            for i in range {
                let value = Double(x.values[i])
                sum += value
                sumOfSquares += value * value
            }
            let count = Double(x.columns)
            let mean = kind == .layerNorm ? sum / count : 0
            let variance = max(sumOfSquares / count - mean * mean, 0)
            let factor = 1 / (variance + epsilon).squareRoot()
            for i in range { y.values[i] = Float((Double(x.values[i]) - mean) * factor) }
        }
        if let scale = scale?.elements {
            for i in y.values.indices { y.values[i] *= scale[i % x.columns] }
        }
        if let bias = bias?.elements {
            for i in y.values.indices { y.values[i] += bias[i % x.columns] }
        }
        return y
    }
}
