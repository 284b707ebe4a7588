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

    /// Gives mapped weights back to the system until they are read again.
    func release()
}

extension DenseLayer {
    func release() {}
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

/// Two dense layers with an activation between them, or gated three: down(act(gate x) ∘ up x).
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

    /// Gives mapped weights back to the system until they are read again.
    func release() {
        for sublayer in [selfAttention, crossAttention].compactMap(\.self) {
            for layer in [sublayer.query, sublayer.key, sublayer.value, sublayer.output] { layer.release() }
        }
        for layer in [feedForward.gate, feedForward.up, feedForward.down] { layer?.release() }
    }
}
