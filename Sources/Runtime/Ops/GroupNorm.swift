import DalleFormat
import DalleModels

/// Group norm (arXiv 1803.08494): channels in groups, each normalised over the whole image, then scale and bias.
struct GroupNorm: Sendable {
    let groups: Int
    let epsilon: Double
    let scale: FloatTensor
    let bias: FloatTensor

    func callAsFunction(_ x: FeatureMap) -> FeatureMap {
        let (factor, offset) = affine(x.pixels)
        var y = x
        let channels = x.channels
        for pixel in 0..<x.pixels.rows {
            for channel in 0..<channels {
                let i = pixel * channels + channel
                y.pixels.values[i] = x.pixels.values[i] * factor[channel] + offset[channel]
            }
        }
        return y
    }

    /// The norm as a factor and an offset for each channel.
    private func affine(_ x: Matrix) -> (factor: [Float], offset: [Float]) {
        let (size, values) = (x.columns / groups, x.values)
        var sums = [Double](repeating: 0, count: groups)
        var squares = sums
        for pixel in 0..<x.rows {
            for group in 0..<groups {
                let start = pixel * x.columns + group * size
                // Few numbers at a time in single precision, many in double.
                var sum: Float = 0
                var square: Float = 0
                for i in start..<start + size {
                    sum += values[i]
                    square += values[i] * values[i]
                }
                sums[group] += Double(sum)
                squares[group] += Double(square)
            }
        }
        return affine(sums: sums, squares: squares, count: x.rows * size)
    }

    /// The norm as a factor and an offset for each channel, from each group's sum and sum of squares of so many numbers.
    func affine(sums: [Double], squares: [Double], count: Int) -> (factor: [Float], offset: [Float]) {
        let size = scale.shape.count / groups
        var factor = [Float](repeating: 0, count: scale.shape.count)
        var offset = factor
        for channel in factor.indices {
            let mean = sums[channel / size] / Double(count)
            let variance = max(squares[channel / size] / Double(count) - mean * mean, 0)
            let scaled = Double(scale.elements[channel]) / (variance + epsilon).squareRoot()
            factor[channel] = Float(scaled)
            offset[channel] = Float(Double(bias.elements[channel]) - mean * scaled)
        }
        return (factor, offset)
    }
}
