import DalleFormat
import DalleModels

/// The norms around a sublayer f with residual x: residual(scale·x + post(f(pre(x)))). Absent ones do nothing.
struct ResidualNorms: Sendable {
    let pre: Norm?
    let post: Norm?
    let residual: Norm?
    let residualScale: Float

    func callAsFunction(_ x: inout Matrix, _ f: (Matrix) -> Matrix) {
        var y = f(pre?(x) ?? x)
        if let post { y = post(y) }
        x.scaleAndAdd(residualScale, y)
        if let residual { x = residual(x) }
    }
}

/// A fully connected layer as one of the routes wants it.
protocol DenseLayer: Sendable {
    /// - Parameter bias: A tensor's name, if the layer has one.
    init(_ tensors: ComponentTensors, weight: String, bias: String?) throws(DalleError)

    /// The layer's output for each row.
    ///
    /// - Throws: `noMemory`.
    func callAsFunction(_ x: Matrix, _ context: ComputeContext) throws(DalleError) -> Matrix
}

/// Attention with its projections and norms.
struct AttentionSublayer<Layer: DenseLayer>: Sendable {
    let norms: ResidualNorms
    /// On the heads' results, before the output projection.
    let inner: Norm?
    let attention: Attention
    let query: Layer
    let key: Layer
    let value: Layer
    let output: Layer
}

extension AttentionSublayer<Dense> {
    /// Queries of `x`, ready for the scores.
    func queries(_ x: Matrix, _ context: ComputeContext) -> Matrix { prepared(query(x, context)) }

    /// Keys of `x`, ready for the scores.
    func keys(_ x: Matrix, _ context: ComputeContext) -> Matrix { prepared(key(x, context)) }

    /// The output projection of the heads' results.
    func project(_ heads: Matrix, _ context: ComputeContext) -> Matrix {
        output(inner?(heads) ?? heads, context)
    }

    private func prepared(_ projected: Matrix) -> Matrix {
        var result = projected
        attention.normalize(&result)
        return result
    }
}

/// Two dense layers with an activation between them, or with GLU three: down(act(gate x) ∘ up x).
struct FeedForwardSublayer<Layer: DenseLayer>: Sendable {
    let norms: ResidualNorms
    /// At the inner width, before the last dense layer.
    let inner: Norm?
    let activation: Activation
    let gate: Layer?
    let up: Layer
    let down: Layer
}

extension FeedForwardSublayer<Dense> {
    func callAsFunction(_ x: inout Matrix, _ context: ComputeContext) {
        norms(&x) { x in
            var hidden = (gate ?? up)(x, context)
            activation.apply(to: &hidden)
            if gate != nil { hidden.multiply(by: up(x, context)) }
            return down(inner?(hidden) ?? hidden, context)
        }
    }
}

/// One layer of a transformer.
struct TransformerLayer<Layer: DenseLayer>: Sendable {
    let selfAttention: AttentionSublayer<Layer>
    let crossAttention: AttentionSublayer<Layer>?
    let feedForward: FeedForwardSublayer<Layer>
}

extension TransformerLayer<Dense> {
    /// Passes sequences of `length` rows each through self-attention and feed-forward.
    ///
    /// - Parameter visible: how many of its rows, from the first on, each sequence attends to.
    func encode(_ x: inout Matrix, length: Int, visible: [Int], _ context: ComputeContext) {
        let context = context.observing(visible.enumerated().flatMap { $0 * length..<$0 * length + $1 })
        selfAttention.norms(&x) { x in
            let (queries, keys) = (selfAttention.queries(x, context), selfAttention.keys(x, context))
            let values = selfAttention.value(x, context)
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for (index, visible) in visible.enumerated() {
                let rows = index * length..<(index + 1) * length
                let elements = rows.lowerBound * x.columns..<rows.upperBound * x.columns
                let attended = selfAttention.attention(
                    queries.selecting(rows), firstPosition: 0, keys: keys.values.span.extracting(elements),
                    values: values.values.span.extracting(elements), visible: visible, context)
                heads.values.replaceSubrange(elements, with: attended.values)
            }
            return selfAttention.project(heads, context)
        }
        feedForward(&x, context)
    }
}
