import DalleFormat
public import DalleModels

/// What no shape of a CLIP's tensors tells, for a checkpoint that comes without a configuration.
public struct CLIPFunction: Sendable, Equatable {
    /// Of both towers.
    public var activation: Activation?
    /// Width of an attention head in the picture's tower.
    public var headWidth: Int?
    /// Width of an attention head in the text's tower; 64, as in all published models, when nil.
    public var textHeadWidth: Int?

    public init(activation: Activation? = nil, headWidth: Int? = nil, textHeadWidth: Int? = nil) {
        self.activation = activation
        self.headWidth = headWidth
        self.textHeadWidth = textHeadWidth
    }

    /// Width of a head in all of OpenAI's models.
    private static let usualHeadWidth = 64

    /// Puts it into a configuration made of shapes.
    ///
    /// - Returns: What was assumed.
    /// - Throws: `usage` when the shapes fit several functions and nothing says which it is.
    func apply(to configuration: inout CLIPConfiguration) throws(DalleError) -> String {
        let isReleased = configuration.hasSizesOfOpenAI
        var missing: [String] = []
        if activation == nil, !isReleased { missing.append("--activation quick-gelu|gelu") }
        if headWidth == nil, !isReleased { missing.append("--head-width N") }
        guard missing.isEmpty else {
            throw DalleError(
                .usage, "fits several functions: its tensors tell neither GELU from QuickGELU nor the width of heads",
                remedy: "Put its open_clip_config.json beside it, or say \(missing.joined(separator: " and ")) "
                    + "(OpenAI: quick-gelu and 64)")
        }
        let (activation, headWidth) = (self.activation ?? .quickGELU, self.headWidth ?? Self.usualHeadWidth)
        let textHeadWidth = self.textHeadWidth ?? Self.usualHeadWidth
        for (width, option) in [(headWidth, "--head-width"), (textHeadWidth, "--text-head-width")] where width < 1 {
            throw DalleError(.usage, "\(width) is no width of a head", item: option)
        }
        guard configuration.text.width % textHeadWidth == 0 else {
            throw DalleError(
                .usage, "a width of \(configuration.text.width) cannot be divided into heads of \(textHeadWidth)",
                remedy: "Say the width of the text's heads with --text-head-width")
        }
        let width: Int =
            switch configuration.vision {
            case .transformer(let tower, _): tower.width
            case .residual(let network): network.pooledWidth
            }
        guard width % headWidth == 0 else {
            throw DalleError(
                .usage, "a width of \(width) cannot be divided into heads of \(headWidth)",
                remedy: "Say the width of the picture's heads with --head-width")
        }
        configuration.text.activation = activation
        configuration.text.heads = configuration.text.width / textHeadWidth
        configuration.setVision(headWidth: headWidth, activation: activation)
        let name = activation == .quickGELU ? "QuickGELU" : activation.rawValue
        return "\(name), heads of \(headWidth) in the picture's tower and \(textHeadWidth) in the text's"
            + (isReleased && self.activation == nil
                ? ", as OpenAI's model of these sizes has; if it is open_clip's, say --activation gelu" : "")
    }

    /// Refuses what a configuration beside the checkpoint contradicts.
    func requireAgreement(with configuration: CLIPConfiguration, file: String) throws(DalleError) {
        func refuse(_ option: String, _ said: String, _ found: String) throws(DalleError) {
            guard said != found else { return }
            throw DalleError(
                .usage, "\(option) \(said), and the configuration says \(found)",
                remedy: "Leave the option out, or move the configuration away", file: file)
        }
        if let activation { try refuse("--activation", activation.rawValue, configuration.text.activation.rawValue) }
        if let textHeadWidth {
            let width = configuration.text.width / max(configuration.text.heads, 1)
            try refuse("--text-head-width", "\(textHeadWidth)", "\(width)")
        }
        if let headWidth {
            let width =
                switch configuration.vision {
                case .transformer(let tower, _): tower.width / max(tower.heads, 1)
                case .residual(let network): network.pooledWidth / max(network.heads, 1)
                }
            try refuse("--head-width", "\(headWidth)", "\(width)")
        }
    }
}

extension CLIPConfiguration {
    /// Whether all sizes are those of a model that OpenAI released: RN50, RN101, RN50x4, RN50x16, RN50x64, ViT-B/32,
    /// ViT-B/16, ViT-L/14 and ViT-L/14@336px.
    var hasSizesOfOpenAI: Bool {
        guard vocabulary == 49408, contextLength == 77, text.layers == 12, text.feedForwardWidth == 4 * text.width
        else { return false }
        switch vision {
        case .transformer(let tower, let patchSize):
            guard tower.feedForwardWidth == 4 * tower.width else { return false }
            let sizes = [imageSize, patchSize, tower.width, tower.layers, text.width, projectionWidth]
            return [
                [224, 32, 768, 12, 512, 512], [224, 16, 768, 12, 512, 512], [224, 14, 1024, 24, 768, 768],
                [336, 14, 1024, 24, 768, 768],
            ].contains(sizes)
        case .residual(let network):
            let sizes = [imageSize, network.width] + network.blocks + [text.width, projectionWidth]
            return [
                [224, 64, 3, 4, 6, 3, 512, 1024], [224, 64, 3, 4, 23, 3, 512, 512], [288, 80, 4, 6, 10, 6, 640, 640],
                [384, 96, 6, 8, 18, 8, 768, 768], [448, 128, 3, 15, 36, 10, 1024, 1024],
            ].contains(sizes)
        }
    }
}
