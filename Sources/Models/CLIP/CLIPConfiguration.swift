public import DalleFormat

/// Hyper-parameters of a CLIP model (arXiv 2103.00020).
public struct CLIPConfiguration: Sendable, Equatable {
    /// One transformer.
    public struct Tower: Sendable, Equatable {
        public var width: Int
        public var layers: Int
        public var heads: Int
        public var feedForwardWidth: Int
        public var activation: Activation

        public init(width: Int, layers: Int, heads: Int, feedForwardWidth: Int, activation: Activation) {
            self.width = width
            self.layers = layers
            self.heads = heads
            self.feedForwardWidth = feedForwardWidth
            self.activation = activation
        }
    }

    /// OpenAI's `ModifiedResNet`: a stem, four stages of bottleneck blocks, attention pooling.
    public struct ResidualNetwork: Sendable, Equatable {
        /// Channels after the stem; every stage doubles them, and a block gives four times as many.
        public var width: Int
        /// Blocks of each stage.
        public var blocks: [Int]
        /// Heads of the pooling attention.
        public var heads: Int

        public init(width: Int, blocks: [Int], heads: Int) {
            self.width = width
            self.blocks = blocks
            self.heads = heads
        }

        /// Pixels along an axis for each position that is pooled: the stem divides by four, each stage but the first
        /// by two.
        public var factor: Int { 4 << (blocks.count - 1) }
        /// Channels that are pooled.
        public var pooledWidth: Int { width * 4 << (blocks.count - 1) }
    }

    /// What sees the pictures.
    public enum Vision: Sendable, Equatable {
        /// - patchSize: the edge of a patch, in pixels.
        case transformer(Tower, patchSize: Int)
        case residual(ResidualNetwork)
    }

    public var text: Tower
    public var vision: Vision
    public var vocabulary: Int
    /// Positions of a text.
    public var contextLength: Int
    /// Edge of the square images, in pixels.
    public var imageSize: Int
    /// Width of the space that both towers project to.
    public var projectionWidth: Int
    /// The token at whose first position a text is summed up; nil takes the position of the largest id.
    public var poolingToken: Int?
    /// Subtracted from the pixels, 0 to 1, of each colour.
    public var pixelMean = [0.48145466, 0.4578275, 0.40821073]
    /// Divides them then.
    public var pixelDeviation = [0.26862954, 0.26130258, 0.27577711]

    /// Positions of a picture, at most; released models have up to 1024, and memory grows with the square.
    private static let mostPositions = 4096

    /// The epsilon of all norms; the published models have no other.
    public static let normEpsilon = 1e-5

    public init(
        text: Tower, vision: Vision, vocabulary: Int, contextLength: Int, imageSize: Int, projectionWidth: Int
    ) {
        self.text = text
        self.vision = vision
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.imageSize = imageSize
        self.projectionWidth = projectionWidth
    }

    /// Positions along an edge of an image: patches, or what a residual network leaves.
    public var positionsPerEdge: Int {
        switch vision {
        case .transformer(_, let patchSize): imageSize / patchSize
        case .residual(let network): imageSize / network.factor
        }
    }
}

extension CLIPConfiguration {
    /// Refuses sizes that do not fit together.
    public func validate() throws(DalleError) {
        var heads = [("text", text.width, text.heads)]
        let step: Int
        switch vision {
        case .transformer(let tower, let patchSize):
            heads.append(("vision", tower.width, tower.heads))
            step = patchSize
        case .residual(let network):
            guard network.blocks.count == 4 else {
                throw DalleError(.badData, "\(network.blocks.count) stages of blocks, expected 4")
            }
            heads.append(("vision", network.pooledWidth, network.heads))
            step = network.factor
        }
        for (name, width, count) in heads where width % count != 0 {
            throw DalleError(.badData, "a width of \(width) cannot be divided among \(count) heads", item: name)
        }
        guard imageSize % step == 0 else {
            throw DalleError(.badData, "images of \(imageSize) pixels do not divide into squares of \(step)")
        }
        guard positionsPerEdge * positionsPerEdge <= Self.mostPositions else {
            throw DalleError(
                .badData,
                "pictures of \(positionsPerEdge) × \(positionsPerEdge) positions, expected at most "
                    + "\(Self.mostPositions) in all", item: "image_size")
        }
        if let poolingToken, poolingToken >= vocabulary {
            throw DalleError(
                .badData, "is \(poolingToken), expected less than \(vocabulary), the tokens there are",
                item: "pooling_token")
        }
        guard pixelDeviation.allSatisfy({ $0 > 0 }) else {
            throw DalleError(.badData, "is not above 0", item: "pixel_deviation")
        }
    }
}
