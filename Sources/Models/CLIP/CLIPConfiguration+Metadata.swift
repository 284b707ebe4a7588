public import DalleFormat

extension CLIPConfiguration {
    private static let sizes = 1...(1 << 20)
    /// Released models have 77 to 248 positions for a text, and pictures of 224 to 448 pixels.
    private static let (textLengths, imageSizes) = (2...4096, 1...4096)

    /// - Throws: `badData` when a setting is missing, unknown or out of bounds.
    public init(_ map: MetadataMap) throws(DalleError) {
        var known: Set = [
            "vocabulary", "context_length", "image_size", "projection_width", "pooling_token", "pixel_mean",
            "pixel_deviation",
        ]
        let vision: Vision
        if map["vision_blocks"] != nil {
            vision = .residual(
                ResidualNetwork(
                    width: try map.integer("vision_width", in: 1...4096),
                    blocks: try map.integers("vision_blocks", in: 1...1024),
                    heads: try map.integer("vision_heads", in: 1...4096)))
            known.formUnion(["vision_width", "vision_blocks", "vision_heads"])
        } else {
            vision = .transformer(
                try Tower(map, "vision", &known), patchSize: try map.integer("patch_size", in: Self.imageSizes))
            known.insert("patch_size")
        }
        self.init(
            text: try Tower(map, "text", &known), vision: vision,
            vocabulary: try map.integer("vocabulary", in: 1...(1 << 24)),
            contextLength: try map.integer("context_length", in: Self.textLengths),
            imageSize: try map.integer("image_size", in: Self.imageSizes),
            projectionWidth: try map.integer("projection_width", in: Self.sizes))
        try map.requireOnly(known)
        if map["pooling_token"] != nil { poolingToken = try map.integer("pooling_token", in: 0...(1 << 24)) }
        pixelMean = try map.numbers("pixel_mean", count: 3)
        pixelDeviation = try map.numbers("pixel_deviation", count: 3)
        try validate()
    }

    public var metadata: MetadataMap {
        var map = MetadataMap([
            "vocabulary": .integer(vocabulary), "context_length": .integer(contextLength),
            "image_size": .integer(imageSize), "projection_width": .integer(projectionWidth),
            "pixel_mean": .list(pixelMean.map { .number($0) }),
            "pixel_deviation": .list(pixelDeviation.map { .number($0) }),
        ])
        if let poolingToken { map["pooling_token"] = .integer(poolingToken) }
        text.add(to: &map, "text")
        switch vision {
        case .transformer(let tower, let patchSize):
            tower.add(to: &map, "vision")
            map["patch_size"] = .integer(patchSize)
        case .residual(let network):
            map["vision_width"] = .integer(network.width)
            map["vision_blocks"] = .list(network.blocks.map { .integer($0) })
            map["vision_heads"] = .integer(network.heads)
        }
        return map
    }
}

extension CLIPConfiguration.Tower {
    private static let sizes = 1...(1 << 20)

    fileprivate init(_ map: MetadataMap, _ side: String, _ known: inout Set<String>) throws(DalleError) {
        self.init(
            width: try map.integer("\(side)_width", in: Self.sizes),
            layers: try map.integer("\(side)_layers", in: 1...4096),
            heads: try map.integer("\(side)_heads", in: 1...4096),
            feedForwardWidth: try map.integer("\(side)_feed_forward_width", in: Self.sizes),
            activation: try map.choice("\(side)_activation"))
        known.formUnion(["width", "layers", "heads", "feed_forward_width", "activation"].map { "\(side)_\($0)" })
    }

    fileprivate func add(to map: inout MetadataMap, _ side: String) {
        map["\(side)_width"] = .integer(width)
        map["\(side)_layers"] = .integer(layers)
        map["\(side)_heads"] = .integer(heads)
        map["\(side)_feed_forward_width"] = .integer(feedForwardWidth)
        map["\(side)_activation"] = .text(activation.rawValue)
    }
}
