import DalleFormat
import DalleModels

/// A batch norm with the statistics of training: a factor and an offset for each channel.
struct BatchNorm: Sendable {
    let factor: [Float]
    let offset: [Float]

    /// - Parameter name: What `.scale`, `.bias`, `.mean` and `.variance` follow.
    init(_ tensors: ComponentTensors, _ name: String, epsilon: Double) throws(DalleError) {
        let (scale, bias) = (try tensors("\(name).scale").array, try tensors("\(name).bias").array)
        let (mean, variance) = (try tensors("\(name).mean").array, try tensors("\(name).variance").array)
        factor = zip(scale, variance).map { Float(Double($0) / (Double($1) + epsilon).squareRoot()) }
        offset = zip(zip(bias, mean), factor).map { Float(Double($0.0) - Double($0.1) * Double($1)) }
    }

    func apply(to x: inout Matrix) {
        for start in stride(from: 0, to: x.values.count, by: factor.count) {
            for c in factor.indices { x.values[start + c] = x.values[start + c] * factor[c] + offset[c] }
        }
    }
}
