import DalleFormat
import DalleModels

/// Finds the configuration of a checkpoint that came without its config.json, from its keys and shapes.
struct DalleBartInference {
    let configuration: BartConfiguration
    /// What was recognised, and what neither keys nor shapes tell.
    let notes: [String]

    /// The width of a head when nothing tells; that of both released models.
    static let headWidth = 64

    /// - Throws: `missingInput` when the keys fit nothing upstream can build.
    init(_ tensors: [String: CheckpointTensor], isStacked: Bool) throws(DalleError) {
        let tree = TreeShapes(tensors, isStacked: isStacked)
        // Through the model file's form, which bounds every setting: an empty array may claim any number of layers.
        let base = try BartConfiguration(try tree.baseConfiguration().metadata)
        let keys = Set(tensors.keys)
        // The norms: of all that upstream can build, the first whose leaves are the checkpoint's.
        var found: BartConfiguration?
        for candidate in Self.normVariants(of: base) where found == nil {
            let names = DalleBartNames(candidate, isStacked: isStacked)
            if Set(try candidate.tensors().map { names.leaf($0.role).path }) == keys { found = candidate }
        }
        guard var configuration = found else {
            throw DalleError(
                .missingInput, "has no config.json beside it, and its keys fit no model that dalle-mini can build",
                remedy: "Give the checkpoint's config.json with --config")
        }
        let released = ReleasedModel.allCases.first { $0.matches(configuration) }
        configuration.normalizesText = released != nil
        self.configuration = configuration
        let assumed =
            "assumed: \(configuration.encoder.heads) and \(configuration.decoder.heads) heads, gelu, "
            + "\(configuration.normalizesText ? "" : "no ")text normalisation, no cosine attention, no DeepNet scaling, "
            + "no embedding scale, one Sinkhorn iteration, start id \(configuration.startToken)"
        notes = [
            released.map { "no config.json; recognised \($0.rawValue) by its shapes" }
                ?? "no config.json; the configuration is inferred from keys and shapes",
            assumed + "; if that is wrong, give --config",
        ]
    }

    private static func normVariants(of base: BartConfiguration) -> [BartConfiguration] {
        var variants: [BartConfiguration] = []
        for placement in BartConfiguration.NormPlacement.allCases {
            // Upstream's defaults come first: with RMS norms some variants have the same leaves.
            for (forced, encoderNorm, decoderNorm, lastScale) in product([false, true], [true, false]) {
                var variant = base
                variant.normPlacement = placement
                variant.forcesNormScale = forced
                variant.encoder.hasFinalNorm = encoderNorm && placement != .postln
                variant.decoder.hasFinalNorm = decoderNorm && placement != .postln
                variant.scalesLastResidualNorm = lastScale
                variants.append(variant)
            }
        }
        return variants
    }

    private static func product(_ first: [Bool], _ others: [Bool]) -> [(Bool, Bool, Bool, Bool)] {
        first.flatMap { a in others.flatMap { b in others.flatMap { c in others.map { d in (a, b, c, d) } } } }
    }
}

/// The models their authors published, told apart by sizes that no other published model shares.
enum ReleasedModel: String, CaseIterable {
    case mega = "DALL·E Mega"
    case mini = "DALL·E mini"

    func matches(_ configuration: BartConfiguration) -> Bool {
        let sizes = [
            configuration.width, configuration.encoder.layers, configuration.decoder.layers,
            configuration.textVocabulary, configuration.imageVocabulary, configuration.textLength,
            configuration.imageLength,
        ]
        return switch self {
        case .mega: sizes == [2048, 24, 24, 50272, 16416, 64, 256]
        case .mini: sizes == [1024, 12, 12, 50264, 16385, 64, 256]
        }
    }
}

/// What shapes tell about a parameter tree.
private struct TreeShapes {
    private let tensors: [String: CheckpointTensor]
    private let isStacked: Bool
    init(_ tensors: [String: CheckpointTensor], isStacked: Bool) {
        self.tensors = tensors
        self.isStacked = isStacked
    }

    /// Everything but the norms.
    func baseConfiguration() throws(DalleError) -> BartConfiguration {
        let logits = try extents("lm_head/kernel", rank: 2)
        let lastToken = logits[1] - 1
        var configuration = BartConfiguration(
            width: logits[0], encoder: try stack(.encoder, logits[0]), decoder: try stack(.decoder, logits[0]),
            textVocabulary: try extents("model/encoder/embed_tokens/embedding", rank: 2)[0],
            imageVocabulary: logits[1], textLength: positions(.encoder) ?? 64, imageLength: positions(.decoder) ?? 256,
            startToken: lastToken, padToken: lastToken, endToken: lastToken)
        configuration.usesGLU = has("/GLU_0/")
        configuration.usesBias = has("/q_proj/bias")
        configuration.usesHeadScale = has("/head_scale")
        configuration.usesPositionBias = has("/rel_bias/")
        configuration.usesAbsolutePositions = has("/embed_positions/")
        configuration.normKind = has("/RMSNorm_") ? .rmsNorm : .layerNorm
        return configuration
    }

    private func stack(_ side: BartTensor.Side, _ width: Int) throws(DalleError) -> BartConfiguration.Stack {
        let prefix = "model/\(side)/layers/FlaxBart\(side == .encoder ? "Encoder" : "Decoder")Layer"
        let first = isStacked ? "\(prefix)s/" : "\(prefix)_0/"
        let query = try extents(first + "FlaxBartAttention_0/q_proj/kernel", rank: isStacked ? 3 : 2)
        let layers = isStacked ? query[0] : Set(tensors.keys.compactMap { layerNumber($0, prefix + "_") }).count
        let feedForward = has("/GLU_0/") ? "GLU_0" : "FFN_0"
        let inner = try extents(first + feedForward + "/Dense_0/kernel", rank: isStacked ? 3 : 2)
        var heads = width / DalleBartInference.headWidth
        if let scale = tensors[first + "FlaxBartAttention_0/head_scale"] {
            heads = scale.shape.count / max(isStacked ? layers : 1, 1)
        } else if let bias = tensors[first + "FlaxBartAttention_0/rel_bias/embedding"]?.shape, bias.rank == 2 {
            heads = bias[1] / max(bias[0], 1)
        }
        return BartConfiguration.Stack(
            layers: layers, heads: max(heads, 1), feedForwardWidth: inner[inner.count - 1], hasFinalNorm: true)
    }

    private func layerNumber(_ key: String, _ prefix: String) -> Int? {
        guard key.hasPrefix(prefix) else { return nil }
        return Int(key.dropFirst(prefix.count).prefix { $0 != "/" })
    }

    private func positions(_ side: BartTensor.Side) -> Int? {
        tensors["model/\(side)/embed_positions/embedding"]?.shape.extents.first
    }

    private func has(_ part: String) -> Bool { tensors.keys.contains { $0.contains(part) } }

    private func extents(_ key: String, rank: Int) throws(DalleError) -> [Int] {
        guard let shape = tensors[key]?.shape, shape.rank == rank else {
            throw DalleError(
                .badData,
                "is \(tensors[key].map { "of shape \($0.shape)" } ?? "missing"), so this is no DALL·E mini checkpoint",
                remedy: "Give a dalle-mini flax_model.msgpack", item: key)
        }
        return shape.extents
    }
}
