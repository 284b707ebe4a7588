import DalleFormat
import DalleModels
import Foundation
import Testing

@testable import DalleRuntime

/// Activations against their definitions in double precision.
@Suite struct ActivationTests {
    private static func definition(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
        case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * pow(x, 3))))
        case .relu: (x + abs(x)) / 2
        case .silu: x / (1 + exp(-x))
        case .quickGELU: x / (1 + exp(-1.702 * x))
        // The mistake in upstream's: 1/4 instead of 0 on the left.
        case .smelu: x <= -1 ? 0.25 : x < 1 ? pow(x + 1, 2) / 4 : x
        }
    }

    @Test(arguments: Activation.allCases)
    func valuesAreThoseOfTheDefinition(_ activation: Activation) {
        let inputs = stride(from: Float(-9), through: 9, by: 0.0625).map { $0 } + [-1e-6, 1e-6, 30, -30]
        var x = Matrix(rows: 1, columns: inputs.count, values: inputs)
        activation.apply(to: &x)
        for (input, value) in zip(inputs, x.values) {
            let expected = Self.definition(activation, Double(input))
            #expect(abs(Double(value) - expected) <= 5e-7 * max(1, abs(expected)), "\(activation) of \(input)")
        }
    }
}
