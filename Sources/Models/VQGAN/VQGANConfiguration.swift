public import DalleFormat

/// Hyper-parameters of a VQGAN (taming-transformers `VQModel` and its relatives).
public struct VQGANConfiguration: Sendable, Equatable {
    /// The numbers a decoder was trained to give for black and white.
    public enum PixelRange: String, CaseIterable, Sendable {
        /// −1 … 1: taming-transformers' checkpoints.
        case signed
        /// 0 … 1: dalle-mini's own VQGAN.
        case unsigned
    }

    /// How the encoder's vectors become codes.
    public enum Encoding: String, CaseIterable, Sendable {
        /// The file has no encoder.
        case none
        /// The code whose vector is nearest (`VQModel`).
        case nearest
        /// The likeliest of a projection to all codes (`GumbelVQ`).
        case projection
    }

    /// Codes the codebook has.
    public var codebookSize: Int
    /// Width of a codebook vector (`embed_dim`).
    public var embeddingWidth: Int
    /// Channels between quantisation and decoder (`z_channels`).
    public var latentChannels: Int
    /// Channels at full resolution (`ch`).
    public var baseChannels: Int
    /// Factor of `baseChannels` for each level, highest resolution first (`ch_mult`).
    public var channelMultipliers: [Int]
    /// Blocks of a level in the encoder; the decoder has one more (`num_res_blocks`).
    public var residualBlocks: Int
    /// Levels whose blocks are followed by attention.
    public var attentionLevels: [Int]
    public var pixelRange: PixelRange
    /// Epsilon of the group norms: 1e-6 upstream, 1e-5 in some ports.
    public var normEpsilon = 1e-6
    public var encoding: Encoding

    /// Groups of every group norm; upstream has no setting for it.
    public static let normGroups = 32

    public init(
        codebookSize: Int, embeddingWidth: Int, latentChannels: Int, baseChannels: Int, channelMultipliers: [Int],
        residualBlocks: Int, attentionLevels: [Int], pixelRange: PixelRange, encoding: Encoding = .none
    ) {
        self.codebookSize = codebookSize
        self.embeddingWidth = embeddingWidth
        self.latentChannels = latentChannels
        self.baseChannels = baseChannels
        self.channelMultipliers = channelMultipliers
        self.residualBlocks = residualBlocks
        self.attentionLevels = attentionLevels
        self.pixelRange = pixelRange
        self.encoding = encoding
    }

    /// Resolution levels.
    public var levels: Int { channelMultipliers.count }
    /// Pixels of the image for each code, along an axis.
    public var factor: Int { 1 << (levels - 1) }

    public func channels(level: Int) -> Int { baseChannels * channelMultipliers[level] }
}

extension VQGANConfiguration {
    /// - Throws: `badData` when a setting is missing, unknown or out of bounds.
    public init(_ map: MetadataMap) throws(DalleError) {
        try map.requireOnly([
            "codebook_size", "embedding_width", "latent_channels", "base_channels", "channel_multipliers",
            "residual_blocks", "attention_levels", "pixel_range", "norm_epsilon", "encoding",
        ])
        self.init(
            codebookSize: try map.integer("codebook_size", in: 1...(1 << 24)),
            embeddingWidth: try map.integer("embedding_width", in: 1...(1 << 16)),
            latentChannels: try map.integer("latent_channels", in: 1...(1 << 16)),
            baseChannels: try map.integer("base_channels", in: 1...(1 << 16)),
            channelMultipliers: try map.integers("channel_multipliers", in: 1...1024),
            residualBlocks: try map.integer("residual_blocks", in: 0...1024),
            attentionLevels: try map.integers("attention_levels", in: 0...31),
            pixelRange: try map.choice("pixel_range"))
        normEpsilon = try map.number("norm_epsilon")
        encoding = try map.choice("encoding")
        try validate()
    }

    public var metadata: MetadataMap {
        MetadataMap([
            "codebook_size": .integer(codebookSize),
            "embedding_width": .integer(embeddingWidth),
            "latent_channels": .integer(latentChannels),
            "base_channels": .integer(baseChannels),
            "channel_multipliers": .list(channelMultipliers.map { .integer($0) }),
            "residual_blocks": .integer(residualBlocks),
            "attention_levels": .list(attentionLevels.map { .integer($0) }),
            "pixel_range": .text(pixelRange.rawValue),
            "norm_epsilon": .number(normEpsilon),
            "encoding": .text(encoding.rawValue),
        ])
    }

    /// Refuses sizes that do not fit together.
    public func validate() throws(DalleError) {
        // Released models have 4 to 6.
        guard (1...8).contains(levels) else {
            throw DalleError(.badData, "\(levels) resolution levels, expected 1 to 8", item: "channel_multipliers")
        }
        for level in 0..<levels where channels(level: level) % Self.normGroups != 0 {
            throw DalleError(
                .badData,
                "\(channels(level: level)) channels at level \(level) do not divide into \(Self.normGroups) groups")
        }
        guard attentionLevels.count <= levels, attentionLevels.allSatisfy((0..<levels).contains), normEpsilon > 0 else {
            throw DalleError(.badData, "attention levels \(attentionLevels) of \(levels), norm epsilon \(normEpsilon)")
        }
    }
}
