import DalleFormat
import DalleModels
import Foundation

extension Activation {
    /// Applies the function to every element.
    func apply(to x: inout Matrix) {
        let function = function
        var values = x.values.mutableSpan
        for i in values.indices { values[i] = function(values[i]) }
    }

    /// The function of one number.
    var function: @Sendable (Float) -> Float {
        switch self {
        case .gelu:
            { x in x * (erf(x * Float(0.5).squareRoot()) + 1) / 2 }
        case .geluTanh:
            { x in 0.5 * x * (1 + tanh(Float(2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) }
        case .relu:
            { x in max(x, 0) }
        case .silu:
            { x in x / (1 + exp(-x)) }
        case .quickGELU:
            { x in x / (1 + exp(-1.702 * x)) }
        case .smelu:
            // Upstream clears x below −1 before it squares x + 1, and so gives 1/4 there; trained models rely on it.
            { x in x >= 1 ? x : x <= -1 ? 0.25 : (x + 1) * (x + 1) / 4 }
        }
    }
}
