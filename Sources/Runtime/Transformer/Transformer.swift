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
        return TransformerLayer(
            selfAttention: try attention(stack, number, .selfAttention, layer.selfAttention),
            crossAttention: try layer.crossAttention.map { cross throws(DalleError) in
                try attention(stack, number, .crossAttention, cross)
            },
            feedForward: try feedForward(stack, number, layer.feedForward))
    }

    private func attention<Layer>(
        _ stack: TransformerStack, _ layer: Int, _ sublayer: TransformerTensor.Sublayer,
        _ attention: TransformerStack.Attention
    ) throws(DalleError) -> AttentionSublayer<Layer> {
        func dense(_ dense: TransformerTensor.Dense) throws(DalleError) -> Layer {
            try self.dense(stack, layer, sublayer, dense, hasBias: attention.hasBias)
        }
        return AttentionSublayer(
            norms: try norms(stack, layer, sublayer, attention.norms),
            inner: try norm(stack, layer, sublayer, attention.norms, .inner),
            attention: Attention(
                heads: stack.heads, headWidth: stack.headWidth, cosineTau: attention.cosineTau.map { Float($0) },
                sinkhornIterations: attention.sinkhornIterations,
                positionBias: attention.hasPositionBias
                    ? try self(stack.name(of: .positionBias(layer: layer, sublayer))) : nil,
                headScale: attention.hasHeadScale ? try self(stack.name(of: .headScale(layer: layer, sublayer))) : nil,
                isCausal: attention.isCausal),
            query: try dense(.query), key: try dense(.key), value: try dense(.value), output: try dense(.output))
    }

    private func feedForward<Layer>(
        _ stack: TransformerStack, _ layer: Int, _ feedForward: TransformerStack.FeedForward
    ) throws(DalleError) -> FeedForwardSublayer<Layer> {
        func dense(_ dense: TransformerTensor.Dense) throws(DalleError) -> Layer {
            try self.dense(stack, layer, .feedForward, dense, hasBias: feedForward.hasBias)
        }
        return FeedForwardSublayer(
            norms: try norms(stack, layer, .feedForward, feedForward.norms),
            inner: try norm(stack, layer, .feedForward, feedForward.norms, .inner), activation: feedForward.activation,
            gate: feedForward.isGated ? try dense(.gate) : nil, up: try dense(.up), down: try dense(.down))
    }

    private func norms(
        _ stack: TransformerStack, _ layer: Int, _ sublayer: TransformerTensor.Sublayer, _ norms: TransformerStack.Norms
    ) throws(DalleError) -> ResidualNorms {
        ResidualNorms(
            pre: try norm(stack, layer, sublayer, norms, .pre), post: try norm(stack, layer, sublayer, norms, .post),
            residual: try norm(stack, layer, sublayer, norms, .residual), residualScale: Float(stack.residualScale))
    }

    private func norm(
        _ stack: TransformerStack, _ layer: Int, _ sublayer: TransformerTensor.Sublayer,
        _ norms: TransformerStack.Norms, _ place: TransformerTensor.NormPlace
    ) throws(DalleError) -> Norm? {
        guard let norm = norms[place] else { return nil }
        return try self.norm(norm) { stack.name(of: .norm(layer: layer, sublayer, place, $0)) }
    }

    private func dense<Layer: DenseLayer>(
        _ stack: TransformerStack, _ layer: Int, _ sublayer: TransformerTensor.Sublayer,
        _ dense: TransformerTensor.Dense, hasBias: Bool
    ) throws(DalleError) -> Layer {
        func name(_ part: TransformerTensor.DensePart) -> String {
            stack.name(of: .dense(layer: layer, sublayer, dense, part))
        }
        return try Layer(self, weight: name(.weight), bias: hasBias ? name(.bias) : nil)
    }
}
