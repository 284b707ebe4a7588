public import DalleFormat

/// The tensors of a DALL·E mini / Mega model: canonical names and shapes, given its configuration.
///
/// Importers produce exactly this list, the runtime loads from it.
public struct BartTensor: Sendable, Hashable {
    public typealias Side = BartConfiguration.Side

    public enum Role: Sendable, Hashable {
        case tokenEmbedding(Side)
        case positionEmbedding(Side)
        case embeddingNorm(Side, TransformerTensor.NormPart)
        /// One of the layers' or of the norm after them.
        case stack(Side, TransformerTensor.Role)
        /// The matrix that gives the logits, `[imageVocabulary, width]`.
        case logits
    }

    public let role: Role
    /// The canonical name, without the component's.
    public let name: String
    public let shape: Shape

    /// Read again for every code; the encoder's are read once for a prompt.
    public var isInDecoder: Bool {
        switch role {
        case .logits: true
        case .tokenEmbedding(let side), .positionEmbedding(let side), .embeddingNorm(let side, _), .stack(let side, _):
            side == .decoder
        }
    }
}

extension BartConfiguration {
    /// The layers of a side.
    public func transformer(_ side: Side) -> TransformerStack {
        let (isDecoder, size) = (side == .decoder, self[side])
        func attention(_ sublayer: TransformerTensor.Sublayer, _ layer: Int) -> TransformerStack.Attention {
            TransformerStack.Attention(
                norms: norms(side, layer: layer, sublayer), hasBias: usesBias,
                isCausal: isDecoder && sublayer == .selfAttention,
                keyLength: sublayer == .crossAttention ? textLength : positions(side),
                cosineTau: cosineAttentionTau,
                // Upstream keeps to softmax in the decoder, where columns would let later codes into earlier ones.
                sinkhornIterations: isDecoder ? 1 : sinkhornIterations, hasHeadScale: usesHeadScale,
                hasPositionBias: usesPositionBias)
        }
        return TransformerStack(
            name: side.rawValue, width: width, heads: size.heads, length: positions(side),
            layers: (0..<size.layers).map { layer in
                TransformerStack.Layer(
                    selfAttention: attention(.selfAttention, layer),
                    crossAttention: isDecoder ? attention(.crossAttention, layer) : nil,
                    feedForward: TransformerStack.FeedForward(
                        norms: norms(side, layer: layer, .feedForward), hasBias: usesBias,
                        width: size.feedForwardWidth, activation: activation, isGated: usesGLU))
            },
            residualScale: residualScale(side), finalNorm: size.hasFinalNorm ? norm(scaled: forcesNormScale) : nil)
    }

    /// The norms of one sublayer.
    private func norms(
        _ side: Side, layer: Int, _ sublayer: TransformerTensor.Sublayer
    ) -> TransformerStack.Norms {
        let attention = sublayer != .feedForward
        let isLast = layer == self[side].layers - 1
        // Upstream leaves out the scale where a dense layer that follows can take it up.
        let (plain, scaled) = (norm(scaled: forcesNormScale), norm(scaled: true))
        switch normPlacement {
        case .normformer:
            return attention ? .init(pre: plain, post: scaled) : .init(pre: plain, inner: plain)
        case .cogview:
            return .init(pre: plain, post: scaled)
        case .preln:
            return .init(pre: plain)
        case .subln where !attention:
            return .init(pre: plain, inner: plain)
        case .subln:
            // A decoder layer has no norm of its own here; only self attention has an inner one.
            return .init(pre: side == .encoder ? plain : nil, inner: sublayer == .selfAttention ? scaled : nil)
        case .swinv2:
            let endsGroup = !attention && (layer + 1) % 6 == 0 && !isLast
            return .init(post: scaled, residual: endsGroup ? scaled : nil)
        case .postln:
            let endsStack = !attention && isLast
            return .init(residual: norm(scaled: !endsStack || scalesLastResidualNorm || forcesNormScale))
        }
    }

    /// After the embedding.
    public var embeddingNorm: TransformerStack.Norm { norm(scaled: true) }

    private func norm(scaled: Bool) -> TransformerStack.Norm {
        TransformerStack.Norm(kind: normKind, hasScale: scaled, hasBias: normKind == .layerNorm)
    }

    /// Positions of a side: text of the encoder, codes of the decoder.
    public func positions(_ side: Side) -> Int { side == .encoder ? textLength : imageLength }

    /// All tensors, in the order they are written.
    public func tensors() throws(DalleError) -> [BartTensor] {
        var list: [BartTensor] = []
        try forEach { list.append($0) }
        return list
    }

    private func forEach(_ body: (BartTensor) throws(DalleError) -> Void) throws(DalleError) {
        func add(_ role: BartTensor.Role, _ name: String, _ extents: Int...) throws(DalleError) {
            try body(BartTensor(role: role, name: name, shape: try Shape(extents)))
        }
        for side in Side.allCases {
            let vocabulary = side == .encoder ? textVocabulary : imageVocabulary
            try add(.tokenEmbedding(side), "\(side).token_embedding", vocabulary, width)
            if usesAbsolutePositions {
                try add(.positionEmbedding(side), "\(side).position_embedding", positions(side), width)
            }
            for part in embeddingNorm.parts {
                try add(.embeddingNorm(side, part), "\(side).embedding_norm.\(part)", width)
            }
            try transformer(side).forEachTensor { tensor throws(DalleError) in
                try body(BartTensor(role: .stack(side, tensor.role), name: tensor.name, shape: tensor.shape))
            }
        }
        try add(.logits, "decoder.logits.weight", imageVocabulary, width)
    }
}

extension BartConfiguration: PartConfiguration {
    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        try forEach { tensor throws(DalleError) in try body(tensor.name, tensor.shape) }
    }
}
