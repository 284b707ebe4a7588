public import DalleFormat

extension BartConfiguration {
    /// No model of this family has an extent near this; larger values are damage.
    private static let sizes = 1...(1 << 24)
    /// Released models have 64 to 128; memory grows with the square.
    private static let textLengths = 2...4096

    /// - Throws: `badData` when a setting is missing, unknown or does not fit the others.
    public init(_ map: MetadataMap) throws(DalleError) {
        try map.requireOnly(Set(Self.empty.metadata.names).union(["cosine_attention_tau"]))
        func stack(_ side: String) throws(DalleError) -> Stack {
            Stack(
                layers: try map.integer("\(side)_layers", in: 1...4096),
                heads: try map.integer("\(side)_heads", in: 1...4096),
                feedForwardWidth: try map.integer("\(side)_feed_forward_width", in: Self.sizes),
                hasFinalNorm: try map.bool("\(side)_final_norm"))
        }
        self.init(
            width: try map.integer("width", in: Self.sizes),
            encoder: try stack("encoder"), decoder: try stack("decoder"),
            textVocabulary: try map.integer("text_vocabulary", in: Self.sizes),
            imageVocabulary: try map.integer("image_vocabulary", in: Self.sizes),
            textLength: try map.integer("text_length", in: Self.textLengths),
            imageLength: try map.integer("image_length", in: 1...65536),
            startToken: try map.integer("start_token", in: 0...(1 << 24)),
            padToken: try map.integer("pad_token", in: 0...(1 << 24)),
            endToken: try map.integer("end_token", in: 0...(1 << 24)))
        activation = try map.choice("activation")
        normKind = try map.choice("norm_kind")
        normPlacement = try map.choice("norm_placement")
        forcesNormScale = try map.bool("forces_norm_scale")
        scalesLastResidualNorm = try map.bool("scales_last_residual_norm")
        usesGLU = try map.bool("glu")
        usesBias = try map.bool("bias")
        usesHeadScale = try map.bool("head_scale")
        if map["cosine_attention_tau"] != nil {
            let tau = try map.number("cosine_attention_tau")
            guard tau > 0 else {
                throw DalleError(.badData, "is \(tau), expected more than 0", item: "cosine_attention_tau")
            }
            cosineAttentionTau = tau
        }
        usesPositionBias = try map.bool("position_bias")
        usesAbsolutePositions = try map.bool("absolute_positions")
        usesDeepNetScaling = try map.bool("deepnet_scaling")
        sinkhornIterations = try map.integer("sinkhorn_iterations", in: 1...1024)
        scalesEmbedding = try map.bool("scales_embedding")
        normalizesText = try map.bool("normalizes_text")
        try validate()
    }

    /// The settings as they stand in a model file.
    public var metadata: MetadataMap {
        var map = MetadataMap([
            "width": .integer(width),
            "text_vocabulary": .integer(textVocabulary),
            "image_vocabulary": .integer(imageVocabulary),
            "text_length": .integer(textLength),
            "image_length": .integer(imageLength),
            "start_token": .integer(startToken),
            "pad_token": .integer(padToken),
            "end_token": .integer(endToken),
            "activation": .text(activation.rawValue),
            "norm_kind": .text(normKind.rawValue),
            "norm_placement": .text(normPlacement.rawValue),
            "forces_norm_scale": .bool(forcesNormScale),
            "scales_last_residual_norm": .bool(scalesLastResidualNorm),
            "glu": .bool(usesGLU),
            "bias": .bool(usesBias),
            "head_scale": .bool(usesHeadScale),
            "position_bias": .bool(usesPositionBias),
            "absolute_positions": .bool(usesAbsolutePositions),
            "deepnet_scaling": .bool(usesDeepNetScaling),
            "sinkhorn_iterations": .integer(sinkhornIterations),
            "scales_embedding": .bool(scalesEmbedding),
            "normalizes_text": .bool(normalizesText),
        ])
        if let cosineAttentionTau { map["cosine_attention_tau"] = .number(cosineAttentionTau) }
        for side in Side.allCases {
            let stack = self[side]
            map["\(side)_layers"] = .integer(stack.layers)
            map["\(side)_heads"] = .integer(stack.heads)
            map["\(side)_feed_forward_width"] = .integer(stack.feedForwardWidth)
            map["\(side)_final_norm"] = .bool(stack.hasFinalNorm)
        }
        return map
    }

    /// Any configuration, for the names of the settings.
    private static let empty = {
        let stack = Stack(layers: 1, heads: 1, feedForwardWidth: 1, hasFinalNorm: false)
        return BartConfiguration(
            width: 1, encoder: stack, decoder: stack, textVocabulary: 1, imageVocabulary: 1, textLength: 2,
            imageLength: 1, startToken: 0, padToken: 0, endToken: 0)
    }()
}
