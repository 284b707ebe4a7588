import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// A fully connected layer on weights as they lie in the file: y = W x (+ b), for each row x.
struct FastDense: DenseLayer {
    let weight: WeightRows
    let bias: FloatTensor?

    init(_ tensors: ComponentTensors, weight: String, bias: String?) throws(DalleError) {
        self.weight = try tensors.rows(weight)
        self.bias = try bias.map { name throws(DalleError) in try tensors(name) }
    }

    var outputs: Int { weight.rows }

    func release() { weight.release() }

    /// Some of the outputs, for the first `count` rows of `x`.
    func compute(_ range: Range<Int>, _ x: ActivationRows, count: Int, into y: ActivationRows, _ kernels: Kernels) {
        kernels.multiply(weight, range, x, count: count, into: y, at: range.lowerBound)
        guard let bias else { return }
        for row in 0..<count { kernels.add(y, row: row, at: range.lowerBound, bias.elements.extracting(range)) }
    }

    /// The layer of rows that are seen once, so that inputs of two bytes cost little.
    func rows(_ x: Matrix, _ context: ComputeContext) throws(DalleError) -> ActivationRows {
        let usesInt8Activations = weight.usesInt8Activations
        let inputs = try ActivationRows(rows: x.rows, columns: x.columns, usesInt16Activations: usesInt8Activations)
        let results = try ActivationRows(rows: x.rows, columns: outputs, usesInt16Activations: usesInt8Activations)
        context.forEachRow(x.rows) { row in
            _ = inputs.row(row).update(fromContentsOf: x.row(row))
            if usesInt8Activations { context.kernels.quantize(inputs, row: row) }
        }
        context.multiply(self, inputs, count: x.rows, into: results)
        return results
    }

    func callAsFunction(_ x: Matrix, _ context: ComputeContext) throws(DalleError) -> Matrix {
        let results = try rows(x, context)
        return Matrix(rows: x.rows, columns: outputs, values: (0..<x.rows).flatMap { results.row($0) })
    }
}

extension ComputeContext {
    /// Outputs that a thread computes at a time, at least: enough to stream, few enough to share out.
    static let leastOutputs = 32
    /// Weight rows that kernels take together.
    static let rowsOfTile = 8

    /// y = W x + b for one layer and the first `count` rows.
    func multiply(_ layer: FastDense, _ x: ActivationRows, count: Int, into y: ActivationRows) {
        pool.run(over: layer.outputs, step: Self.rowsOfTile, least: Self.leastOutputs) { range in
            layer.compute(range, x, count: count, into: y, kernels)
        }
    }

    /// Three layers of as many outputs on the same input, in one go.
    func multiply(
        _ layers: (FastDense, FastDense, FastDense), _ x: ActivationRows, count: Int,
        into y: (ActivationRows, ActivationRows, ActivationRows)
    ) {
        let outputs = layers.0.outputs
        precondition(layers.1.outputs == outputs && layers.2.outputs == outputs)
        pool.run(over: outputs, step: Self.rowsOfTile, least: Self.leastOutputs) { range in
            layers.0.compute(range, x, count: count, into: y.0, kernels)
            layers.1.compute(range, x, count: count, into: y.1, kernels)
            layers.2.compute(range, x, count: count, into: y.2, kernels)
        }
    }
}

extension Norm {
    /// The norm of a row, into a row that may be the same.
    func apply(_ x: ActivationRows, row: Int, into y: ActivationRows, row target: Int, _ kernels: Kernels) {
        kernels.norm(
            x, row: row, centered: kind == .layerNorm, epsilon: Float(epsilon), scale: scale?.elements,
            bias: bias?.elements, into: y, row: target)
    }

    /// Likewise, into the same row of another matrix or the same one.
    func apply(_ x: ActivationRows, into y: ActivationRows, row: Int, _ kernels: Kernels) {
        apply(x, row: row, into: y, row: row, kernels)
    }
}

extension Activation {
    var kernel: KernelActivation {
        switch self {
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .relu: .relu
        case .silu: .silu
        case .quickGELU: .quickGELU
        case .smelu: .smelu
        }
    }
}
