import DalleFormat
import DalleModels

/// A stack of layers with its weights, as one of the routes wants them.
struct Transformer<Layer: DenseLayer>: Sendable {
    let stack: TransformerStack
    let finalNorm: Norm?
    /// Whether mapped weights are given back to the system as soon as a layer has been used.
    let releasesLayers: Bool
    private let tensors: ComponentTensors
    /// Of a stack whose layers are not kept, none.
    private let kept: [TransformerLayer<Layer>]

    /// - Parameters:
    ///   - keepsLayers: Otherwise a layer is loaded when it is used, and not kept: for what runs once.
    ///   - progress: called with the number of layers kept.
    init(
        _ tensors: ComponentTensors, _ stack: TransformerStack, keepsLayers: Bool = true, releasesLayers: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        self.stack = stack
        self.tensors = tensors
        self.releasesLayers = releasesLayers
        var kept: [TransformerLayer<Layer>] = []
        for number in keepsLayers ? stack.layers.indices : 0..<0 {
            let layer: TransformerLayer<Layer> = try tensors.layer(stack, number)
            if releasesLayers { layer.release() }
            kept.append(layer)
            progress(number + 1)
        }
        self.kept = kept
        finalNorm = try stack.finalNorm.map { norm throws(DalleError) in
            try tensors.norm(norm) { stack.name(of: .finalNorm($0)) }
        }
    }

    func layer(_ number: Int) throws(DalleError) -> TransformerLayer<Layer> {
        kept.isEmpty ? try tensors.layer(stack, number) : kept[number]
    }

    /// Gives mapped weights back to the system until they are read again.
    func release() {
        for layer in kept { layer.release() }
    }
}

extension ComponentTensors {
    /// - Parameter name: of a part of the norm.
    func norm(
        _ norm: TransformerStack.Norm, _ name: (TransformerTensor.NormPart) -> String
    ) throws(DalleError) -> Norm {
        Norm(
            kind: norm.kind, epsilon: norm.epsilon, scale: norm.hasScale ? try self(name(.scale)) : nil,
            bias: norm.hasBias ? try self(name(.bias)) : nil)
    }

    /// One of a stack's layers.
    fileprivate func layer<Layer>(
        _ stack: TransformerStack, _ number: Int
    ) throws(DalleError) -> TransformerLayer<Layer> {
        let layer = stack.layers[number]
        func sublayer(_ sublayer: TransformerTensor.Sublayer, hasBias: Bool) -> SublayerLoader {
            SublayerLoader(tensors: self, stack: stack, layer: number, sublayer: sublayer, hasBias: hasBias)
        }
        return TransformerLayer(
            selfAttention: try sublayer(.selfAttention, hasBias: layer.selfAttention.hasBias)
                .attention(layer.selfAttention),
            crossAttention: try layer.crossAttention.map { cross throws(DalleError) in
                try sublayer(.crossAttention, hasBias: cross.hasBias).attention(cross)
            },
            feedForward: try sublayer(.feedForward, hasBias: layer.feedForward.hasBias).feedForward(layer.feedForward))
    }
}

/// Loads what belongs to one sublayer.
private struct SublayerLoader {
    let tensors: ComponentTensors
    let stack: TransformerStack
    let layer: Int
    let sublayer: TransformerTensor.Sublayer
    let hasBias: Bool

    func attention<Layer>(_ attention: TransformerStack.Attention) throws(DalleError) -> AttentionSublayer<Layer> {
        AttentionSublayer(
            norms: try norms(attention.norms), inner: try norm(attention.norms, .inner),
            attention: Attention(
                heads: stack.heads, headWidth: stack.headWidth, cosineTau: attention.cosineTau.map { Float($0) },
                sinkhornIterations: attention.sinkhornIterations,
                positionBias: attention.hasPositionBias
                    ? try tensor(.positionBias(layer: layer, sublayer)) : nil,
                headScale: attention.hasHeadScale ? try tensor(.headScale(layer: layer, sublayer)) : nil,
                isCausal: attention.isCausal),
            query: try dense(.query), key: try dense(.key), value: try dense(.value), output: try dense(.output))
    }

    func feedForward<Layer>(
        _ feedForward: TransformerStack.FeedForward
    ) throws(DalleError) -> FeedForwardSublayer<Layer> {
        FeedForwardSublayer(
            norms: try norms(feedForward.norms), inner: try norm(feedForward.norms, .inner),
            activation: feedForward.activation, gate: feedForward.isGated ? try dense(.gate) : nil,
            up: try dense(.up), down: try dense(.down))
    }

    private func norms(_ norms: TransformerStack.Norms) throws(DalleError) -> ResidualNorms {
        ResidualNorms(
            pre: try norm(norms, .pre), post: try norm(norms, .post), residual: try norm(norms, .residual),
            residualScale: Float(stack.residualScale))
    }

    private func norm(
        _ norms: TransformerStack.Norms, _ place: TransformerTensor.NormPlace
    ) throws(DalleError) -> Norm? {
        try norms[place].map { norm throws(DalleError) in
            try tensors.norm(norm) { stack.name(of: .norm(layer: layer, sublayer, place, $0)) }
        }
    }

    private func dense<Layer: DenseLayer>(_ dense: TransformerTensor.Dense) throws(DalleError) -> Layer {
        let bias = stack.name(of: .dense(layer: layer, sublayer, dense, .bias))
        return try Layer(
            tensors, weight: stack.name(of: .dense(layer: layer, sublayer, dense, .weight)), bias: hasBias ? bias : nil)
    }

    private func tensor(_ role: TransformerTensor.Role) throws(DalleError) -> FloatTensor {
        try tensors(stack.name(of: role))
    }
}
