import DalleFormat
import DalleKernels
import DalleModels

/// A fully connected layer: y = W x (+ b), for each row x.
struct Dense: Sendable {
    /// `[out, in]`, or `[out, …]`.
    let weight: FloatTensor
    /// `[out]`.
    let bias: FloatTensor?
    /// Of the weight, in the file; only named layers are observed.
    let name: String?

    init(weight: FloatTensor, bias: FloatTensor?, name: String? = nil) {
        self.weight = weight
        self.bias = bias
        self.name = name
    }

    func callAsFunction(_ x: Matrix, _ context: ComputeContext) -> Matrix {
        let outputs = weight.shape[0]
        precondition(x.columns == weight.shape.rowMajorStrides[0])
        if let name { context.observe(x, weight: name) }
        var y = Matrix(rows: x.rows, columns: outputs)
        var target = y.values.mutableSpan
        context.reference.multiply(
            x.values.span, stride: x.columns, transposed: weight.elements, stride: x.columns,
            into: &target, stride: outputs, m: x.rows, n: outputs, k: x.columns)
        if let bias = bias?.elements {
            for row in 0..<x.rows {
                for i in 0..<outputs { target[row * outputs + i] += bias[i] }
            }
        }
        return y
    }
}

extension Dense: DenseLayer {
    init(_ tensors: ComponentTensors, weight: String, bias: String?) throws(DalleError) {
        self.init(
            weight: try tensors(weight), bias: try bias.map { name throws(DalleError) in try tensors(name) },
            name: tensors.fileName(weight))
    }
}
