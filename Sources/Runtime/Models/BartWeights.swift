import DalleFormat
import DalleModels

/// Loads a text-to-codes model's parameters by their role.
struct BartWeights: Sendable {
    let configuration: BartConfiguration
    private let tensors: ComponentTensors

    var context: ComputeContext { tensors.context }

    /// - Throws: `missingInput` when the file has no such model, `badData` when it is damaged.
    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        guard let component = try file.component(.dalleBart) else {
            throw DalleError(
                .missingInput, "holds no text-to-codes model",
                remedy: "Make one with dalle-convert flax", file: file.path)
        }
        configuration = try file.configuration(of: component)
        tensors = try ComponentTensors(file, component, configuration, context)
    }

    /// The error for results of a side that are no numbers.
    func nonFinite(
        _ results: String, of side: BartTensor.Side, layer: () throws(DalleError) -> String?
    ) -> DalleError {
        tensors.nonFinite(results, { $0.hasPrefix("\(side).") }, layer: layer)
    }

    func tensor(_ role: BartTensor.Role) throws(DalleError) -> FloatTensor { try tensors(role.name) }

    func optionalTensor(_ role: BartTensor.Role) throws(DalleError) -> FloatTensor? {
        tensors.has(role.name) ? try tensor(role) : nil
    }

    func norm(
        _ norm: BartConfiguration.Norm, _ role: (BartTensor.NormPart) -> BartTensor.Role
    ) throws(DalleError) -> Norm {
        Norm(
            kind: configuration.normKind,
            scale: norm.parts.contains(.scale) ? try tensor(role(.scale)) : nil,
            bias: norm.parts.contains(.bias) ? try tensor(role(.bias)) : nil)
    }

    func finalNorm(_ side: BartTensor.Side) throws(DalleError) -> Norm? {
        guard configuration[side].hasFinalNorm else { return nil }
        return try norm(configuration.finalNorm) { .finalNorm(side, $0) }
    }

    func embedding(_ side: BartTensor.Side) throws(DalleError) -> BartEmbedding {
        BartEmbedding(
            // A prompt has some tokens, an image hundreds of codes.
            tokens: try tensors.table(BartTensor.Role.tokenEmbedding(side).name, isReadRarely: side == .encoder),
            positions: configuration.usesAbsolutePositions ? try tensor(.positionEmbedding(side)) : nil,
            scale: configuration.scalesEmbedding ? Float(configuration.width).squareRoot() : 1,
            norm: try norm(configuration.embeddingNorm) { .embeddingNorm(side, $0) })
    }

    func layer<Layer>(_ side: BartTensor.Side, _ number: Int) throws(DalleError) -> TransformerLayer<Layer> {
        TransformerLayer(
            selfAttention: try attention(side, number, .selfAttention),
            crossAttention: side == .decoder ? try attention(side, number, .crossAttention) : nil,
            feedForward: try feedForward(side, number))
    }

    private func attention<Layer>(
        _ side: BartTensor.Side, _ layer: Int, _ sublayer: BartTensor.Sublayer
    ) throws(DalleError) -> AttentionSublayer<Layer> {
        let heads = configuration[side].heads
        let attention = Attention(
            heads: heads, headWidth: configuration.width / heads,
            cosineTau: configuration.cosineAttentionTau.map { Float($0) },
            // Upstream keeps to softmax in the decoder, where columns would let later codes into earlier ones.
            sinkhornIterations: side == .encoder ? configuration.sinkhornIterations : 1,
            positionBias: try optionalTensor(.positionBias(side, layer: layer, sublayer)),
            headScale: try optionalTensor(.headScale(side, layer: layer, sublayer)))
        return AttentionSublayer(
            norms: try norms(side, layer, sublayer), inner: try norm(side, layer, sublayer, .inner),
            attention: attention,
            query: try dense(side, layer, sublayer, .query), key: try dense(side, layer, sublayer, .key),
            value: try dense(side, layer, sublayer, .value), output: try dense(side, layer, sublayer, .output))
    }

    private func feedForward<Layer>(
        _ side: BartTensor.Side, _ layer: Int
    ) throws(DalleError) -> FeedForwardSublayer<Layer> {
        FeedForwardSublayer(
            norms: try norms(side, layer, .feedForward), inner: try norm(side, layer, .feedForward, .inner),
            activation: configuration.activation,
            gate: configuration.usesGLU ? try dense(side, layer, .feedForward, .gate) : nil,
            up: try dense(side, layer, .feedForward, .up), down: try dense(side, layer, .feedForward, .down))
    }

    private func norms(
        _ side: BartTensor.Side, _ layer: Int, _ sublayer: BartTensor.Sublayer
    ) throws(DalleError) -> ResidualNorms {
        ResidualNorms(
            pre: try norm(side, layer, sublayer, .pre), post: try norm(side, layer, sublayer, .post),
            residual: try norm(side, layer, sublayer, .residual),
            residualScale: Float(configuration.residualScale(side)))
    }

    private func norm(
        _ side: BartTensor.Side, _ layer: Int, _ sublayer: BartTensor.Sublayer, _ place: BartTensor.NormPlace
    ) throws(DalleError) -> Norm? {
        guard let norm = configuration.norms(side, layer: layer, sublayer)[place] else { return nil }
        return try self.norm(norm) { .norm(side, layer: layer, sublayer, place, $0) }
    }

    private func dense<Layer: DenseLayer>(
        _ side: BartTensor.Side, _ layer: Int, _ sublayer: BartTensor.Sublayer, _ dense: BartTensor.Dense
    ) throws(DalleError) -> Layer {
        try self.dense(
            .dense(side, layer: layer, sublayer, dense, .weight),
            bias: .dense(side, layer: layer, sublayer, dense, .bias))
    }

    /// - Parameter bias: Left out when the model has none.
    func dense<Layer: DenseLayer>(_ weight: BartTensor.Role, bias: BartTensor.Role? = nil) throws(DalleError) -> Layer {
        try Layer(
            tensors, weight: weight.name, bias: bias.flatMap { tensors.has($0.name) ? $0.name : nil })
    }
}
