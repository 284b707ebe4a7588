/// Hyper-parameters of a CLIP model with a vision transformer (arXiv 2103.00020).
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

    public enum Side: String, CaseIterable, Sendable { case text, vision }

    public var text: Tower
    public var vision: Tower
    public var vocabulary: Int
    /// Positions of a text.
    public var contextLength: Int
    /// Edge of the square images, in pixels.
    public var imageSize: Int
    /// Edge of a patch, in pixels.
    public var patchSize: Int
    /// Width of the space that both towers project to.
    public var projectionWidth: Int
    /// The token at whose first position a text is summed up; nil takes the position of the largest id.
    public var poolingToken: Int?
    /// Subtracted from the pixels, 0 to 1, of each colour.
    public var pixelMean = [0.48145466, 0.4578275, 0.40821073]
    /// Divides them then.
    public var pixelDeviation = [0.26862954, 0.26130258, 0.27577711]

    /// The epsilon of all norms; the published models have no other.
    public static let normEpsilon = 1e-5

    public init(
        text: Tower, vision: Tower, vocabulary: Int, contextLength: Int, imageSize: Int, patchSize: Int,
        projectionWidth: Int
    ) {
        self.text = text
        self.vision = vision
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.projectionWidth = projectionWidth
    }

    public subscript(side: Side) -> Tower { side == .text ? text : vision }

    /// Patches along an edge of an image.
    public var patchesPerEdge: Int { imageSize / patchSize }
}

extension CLIPConfiguration {
    private static let sizes = 1...(1 << 20)

    public init(_ map: MetadataMap) throws(DalleError) {
        var known: Set = [
            "vocabulary", "context_length", "image_size", "patch_size", "projection_width", "pooling_token",
            "pixel_mean", "pixel_deviation",
        ]
        var towers: [Tower] = []
        for side in Side.allCases {
            towers.append(
                Tower(
                    width: try map.integer("\(side)_width", in: Self.sizes),
                    layers: try map.integer("\(side)_layers", in: 1...4096),
                    heads: try map.integer("\(side)_heads", in: 1...4096),
                    feedForwardWidth: try map.integer("\(side)_feed_forward_width", in: Self.sizes),
                    activation: try map.choice("\(side)_activation")))
            known.formUnion(["width", "layers", "heads", "feed_forward_width", "activation"].map { "\(side)_\($0)" })
        }
        try map.requireOnly(known)
        self.init(
            text: towers[0], vision: towers[1], vocabulary: try map.integer("vocabulary", in: 1...(1 << 24)),
            contextLength: try map.integer("context_length", in: 2...65536),
            imageSize: try map.integer("image_size", in: 1...16384),
            patchSize: try map.integer("patch_size", in: 1...16384),
            projectionWidth: try map.integer("projection_width", in: Self.sizes))
        if map["pooling_token"] != nil { poolingToken = try map.integer("pooling_token", in: 0...(1 << 24)) }
        pixelMean = try map.numbers("pixel_mean", count: 3)
        pixelDeviation = try map.numbers("pixel_deviation", count: 3)
        try validate()
    }

    public var metadata: MetadataMap {
        var map = MetadataMap([
            "vocabulary": .integer(vocabulary), "context_length": .integer(contextLength),
            "image_size": .integer(imageSize), "patch_size": .integer(patchSize),
            "projection_width": .integer(projectionWidth), "pixel_mean": .list(pixelMean.map { .number($0) }),
            "pixel_deviation": .list(pixelDeviation.map { .number($0) }),
        ])
        if let poolingToken { map["pooling_token"] = .integer(poolingToken) }
        for side in Side.allCases {
            let tower = self[side]
            map["\(side)_width"] = .integer(tower.width)
            map["\(side)_layers"] = .integer(tower.layers)
            map["\(side)_heads"] = .integer(tower.heads)
            map["\(side)_feed_forward_width"] = .integer(tower.feedForwardWidth)
            map["\(side)_activation"] = .text(tower.activation.rawValue)
        }
        return map
    }

    /// Refuses sizes that do not fit together.
    public func validate() throws(DalleError) {
        for side in Side.allCases where self[side].width % self[side].heads != 0 {
            throw DalleError(
                .badData, "a width of \(self[side].width) cannot be divided among \(self[side].heads) heads",
                item: side.rawValue)
        }
        guard imageSize % patchSize == 0 else {
            throw DalleError(.badData, "images of \(imageSize) pixels do not divide into patches of \(patchSize)")
        }
        guard pixelDeviation.allSatisfy({ $0 > 0 }) else {
            throw DalleError(.badData, "is not above 0", item: "pixel_deviation")
        }
    }
}
