public import DalleFormat

/// The tensors of a DALL·E mini / Mega model: canonical names and shapes, given its configuration.
///
/// Matrices of dense layers are `[out, in]`: y = W x. Importers produce exactly this list, the runtime loads from it.
public struct BartTensor: Sendable, Hashable {
    public typealias Side = BartConfiguration.Side

    public enum Sublayer: String, CaseIterable, Sendable {
        case selfAttention = "self_attention"
        case crossAttention = "cross_attention"
        case feedForward = "feed_forward"
    }

    /// Where a norm stands in a sublayer f with residual x: residual(scale·x + post(f(pre(x)))); `inner` is inside f,
    /// before its last dense layer.
    public enum NormPlace: String, CaseIterable, Sendable { case pre, inner, post, residual }

    public enum NormPart: String, CaseIterable, Sendable { case scale, bias }

    /// A dense layer of a sublayer: the four projections of attention; gate (activated) and up (linear) into the
    /// feed-forward width, down out of it. Without GLU there is no `gate` and `up` is activated.
    public enum Dense: String, CaseIterable, Sendable { case query, key, value, output, gate, up, down }

    public enum DensePart: String, CaseIterable, Sendable { case weight, bias }

    public enum Role: Sendable, Hashable {
        case tokenEmbedding(Side)
        case positionEmbedding(Side)
        case embeddingNorm(Side, NormPart)
        case finalNorm(Side, NormPart)
        case norm(Side, layer: Int, Sublayer, NormPlace, NormPart)
        case dense(Side, layer: Int, Sublayer, Dense, DensePart)
        /// A factor for each head, `[heads]`.
        case headScale(Side, layer: Int, Sublayer)
        /// Added to the scores, `[heads, queries, keys]`.
        case positionBias(Side, layer: Int, Sublayer)
        /// The matrix that gives the logits, `[imageVocabulary, width]`.
        case logits
    }

    public let role: Role
    public let shape: Shape

    /// The canonical name, without the component's.
    public var name: String { role.name }

    /// Read again for every code; the encoder's are read once for a prompt.
    public var isInDecoder: Bool {
        switch role {
        case .logits: true
        case .tokenEmbedding(let side), .positionEmbedding(let side), .embeddingNorm(let side, _),
            .finalNorm(let side, _), .norm(let side, _, _, _, _), .dense(let side, _, _, _, _),
            .headScale(let side, _, _), .positionBias(let side, _, _):
            side == .decoder
        }
    }
}

extension BartTensor.Role {
    public var name: String {
        switch self {
        case .tokenEmbedding(let side): "\(side).token_embedding"
        case .positionEmbedding(let side): "\(side).position_embedding"
        case .embeddingNorm(let side, let part): "\(side).embedding_norm.\(part)"
        case .finalNorm(let side, let part): "\(side).final_norm.\(part)"
        case .norm(let side, let layer, let sublayer, let place, let part):
            "\(side).layers.\(layer).\(sublayer.rawValue).\(place)_norm.\(part)"
        case .dense(let side, let layer, let sublayer, let dense, let part):
            "\(side).layers.\(layer).\(sublayer.rawValue).\(dense).\(part)"
        case .headScale(let side, let layer, let sublayer): "\(side).layers.\(layer).\(sublayer.rawValue).head_scale"
        case .positionBias(let side, let layer, let sublayer):
            "\(side).layers.\(layer).\(sublayer.rawValue).position_bias"
        case .logits: "decoder.logits.weight"
        }
    }
}

extension BartConfiguration {
    /// The parameters a norm has; a norm without any still normalises.
    public struct Norm: Sendable, Equatable {
        public let parts: Set<BartTensor.NormPart>
    }

    /// The norms of one sublayer; a place that is absent has none.
    public func norms(
        _ side: Side, layer: Int, _ sublayer: BartTensor.Sublayer
    ) -> [BartTensor.NormPlace: Norm] {
        let attention = sublayer != .feedForward
        let isLast = layer == self[side].layers - 1
        // Upstream leaves out the scale where a dense layer that follows can take it up.
        let (plain, scaled) = (norm(scaled: forcesNormScale), norm(scaled: true))
        switch normPlacement {
        case .normformer:
            return attention ? [.pre: plain, .post: scaled] : [.pre: plain, .inner: plain]
        case .cogview:
            return [.pre: plain, .post: scaled]
        case .preln:
            return [.pre: plain]
        case .subln where !attention:
            return [.pre: plain, .inner: plain]
        case .subln:
            // A decoder layer has no norm of its own here; only self attention has an inner one.
            var norms: [BartTensor.NormPlace: Norm] = side == .encoder ? [.pre: plain] : [:]
            if sublayer == .selfAttention { norms[.inner] = scaled }
            return norms
        case .swinv2:
            let endsGroup = !attention && (layer + 1) % 6 == 0 && !isLast
            return endsGroup ? [.post: scaled, .residual: scaled] : [.post: scaled]
        case .postln:
            let endsStack = !attention && isLast
            return [.residual: norm(scaled: !endsStack || scalesLastResidualNorm || forcesNormScale)]
        }
    }

    public var embeddingNorm: Norm { norm(scaled: true) }

    public var finalNorm: Norm { norm(scaled: forcesNormScale) }

    private func norm(scaled: Bool) -> Norm {
        var parts: Set<BartTensor.NormPart> = []
        if scaled { parts.insert(.scale) }
        if normKind == .layerNorm { parts.insert(.bias) }
        return Norm(parts: parts)
    }

    public func sublayers(_ side: Side) -> [BartTensor.Sublayer] {
        side == .encoder ? [.selfAttention, .feedForward] : [.selfAttention, .crossAttention, .feedForward]
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
        func add(_ role: BartTensor.Role, _ extents: Int...) throws(DalleError) {
            try body(BartTensor(role: role, shape: try Shape(extents)))
        }
        for side in Side.allCases {
            try add(.tokenEmbedding(side), side == .encoder ? textVocabulary : imageVocabulary, width)
            if usesAbsolutePositions { try add(.positionEmbedding(side), positions(side), width) }
            for part in embeddingNorm.orderedParts { try add(.embeddingNorm(side, part), width) }
            for layer in 0..<self[side].layers {
                for sublayer in sublayers(side) {
                    let innerWidth = sublayer == .feedForward ? self[side].feedForwardWidth : width
                    let norms = norms(side, layer: layer, sublayer)
                    for place in BartTensor.NormPlace.allCases {
                        for part in norms[place]?.orderedParts ?? [] {
                            try add(
                                .norm(side, layer: layer, sublayer, place, part), place == .inner ? innerWidth : width)
                        }
                    }
                    for (dense, out, into) in denseLayers(side, sublayer) {
                        try add(.dense(side, layer: layer, sublayer, dense, .weight), out, into)
                        if usesBias { try add(.dense(side, layer: layer, sublayer, dense, .bias), out) }
                    }
                    guard sublayer != .feedForward else { continue }
                    if usesHeadScale { try add(.headScale(side, layer: layer, sublayer), self[side].heads) }
                    if usesPositionBias {
                        let keys = sublayer == .crossAttention ? textLength : positions(side)
                        try add(.positionBias(side, layer: layer, sublayer), self[side].heads, positions(side), keys)
                    }
                }
            }
            if self[side].hasFinalNorm {
                for part in finalNorm.orderedParts { try add(.finalNorm(side, part), width) }
            }
        }
        try add(.logits, imageVocabulary, width)
    }

    private func denseLayers(
        _ side: Side, _ sublayer: BartTensor.Sublayer
    ) -> [(dense: BartTensor.Dense, out: Int, into: Int)] {
        guard sublayer == .feedForward else {
            return [.query, .key, .value, .output].map { ($0, width, width) }
        }
        let inner = self[side].feedForwardWidth
        return (usesGLU ? [(.gate, inner, width)] : []) + [(.up, inner, width), (.down, width, inner)]
    }
}

extension BartConfiguration.Norm {
    /// Scale before bias.
    public var orderedParts: [BartTensor.NormPart] { BartTensor.NormPart.allCases.filter(parts.contains) }
}

extension BartConfiguration: PartConfiguration {
    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        try forEach { tensor throws(DalleError) in try body(tensor.name, tensor.shape) }
    }
}
