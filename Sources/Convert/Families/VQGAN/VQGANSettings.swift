import DalleFormat
import DalleModels
import Yams

/// What a VQGAN's own configuration file says about it; what it does not say is nil.
///
/// taming-transformers writes YAML with the settings under `model.params`, a second-stage model nests that under
/// `first_stage_config`, vqgan-jax writes JSON, which is YAML too, without any nesting.
struct VQGANSettings {
    let file: String
    let codebookSize: Int?
    let embeddingWidth: Int?
    let latentChannels: Int?
    let baseChannels: Int?
    let channelMultipliers: [Int]?
    let residualBlocks: Int?
    private let resolution: Int?
    private let attentionResolutions: [Int]?

    init(_ path: String) throws(DalleError) {
        file = path
        do throws(DalleError) {
            let fields = try Fields(try YAMLFile.root(path))
            codebookSize = try fields.integer("n_embed")
            embeddingWidth = try fields.integer("embed_dim")
            latentChannels = try fields.integer("z_channels")
            baseChannels = try fields.integer("ch")
            channelMultipliers = try fields.integers("ch_mult")
            residualBlocks = try fields.integer("num_res_blocks")
            resolution = try fields.integer("resolution")
            attentionResolutions = try fields.integers("attn_resolutions")
            try fields.requireSupported()
        } catch {
            throw error.located(file: path)
        }
    }

    /// Levels with attention: upstream compares the training resolution, halved for each level, with a list.
    func attentionLevels(of levels: Int) -> [Int]? {
        guard let resolution, let attentionResolutions else { return nil }
        let deepest = resolution >> (levels - 1)
        return (0..<levels).filter { attentionResolutions.contains(deepest << (levels - 1 - $0)) }
    }

    /// Refuses a configuration that the tensors contradict.
    func requireAgreement(with configuration: VQGANConfiguration) throws(DalleError) {
        func compare<Value: Equatable>(_ name: String, _ said: Value?, _ found: Value) throws(DalleError) {
            guard let said, said != found else { return }
            throw DalleError(
                .badData, "the configuration says \(said), the tensors say \(found)",
                remedy: "Give the configuration that belongs to this checkpoint", file: file, item: name)
        }
        try compare("n_embed", codebookSize, configuration.codebookSize)
        try compare("embed_dim", embeddingWidth, configuration.embeddingWidth)
        try compare("z_channels", latentChannels, configuration.latentChannels)
        try compare("ch", baseChannels, configuration.baseChannels)
        try compare("ch_mult", channelMultipliers, configuration.channelMultipliers)
        try compare("num_res_blocks", residualBlocks, configuration.residualBlocks)
        try compare(
            "attn_resolutions (as levels)", attentionLevels(of: configuration.levels), configuration.attentionLevels)
    }
}

/// The settings of a configuration file, wherever they are nested.
private struct Fields {
    /// `ddconfig` and what surrounds it.
    private let places: [Node]

    init(_ root: Node) throws(DalleError) {
        var parameters = root["model"]?["params"] ?? root
        if let nested = parameters["first_stage_config"]?["params"] { parameters = nested }
        places = [parameters["ddconfig"], parameters].compactMap { $0 }
        guard value("ch_mult") != nil else {
            throw DalleError(
                .badData, "holds no settings of a VQGAN: ch_mult is missing",
                remedy: "Give taming-transformers' model.yaml or vqgan-jax's config.json")
        }
    }

    func integer(_ name: String) throws(DalleError) -> Int? {
        guard let node = value(name) else { return nil }
        guard let integer = node.int, (0...(1 << 24)).contains(integer) else {
            throw mismatch(name, node, "an integer from 0 to \(1 << 24)")
        }
        return integer
    }

    func integers(_ name: String) throws(DalleError) -> [Int]? {
        guard let node = value(name) else { return nil }
        let integers = node.array(of: Int.self)
        guard let sequence = node.sequence, integers.count == sequence.count else {
            throw mismatch(name, node, "a list of integers")
        }
        return integers
    }

    /// Refuses settings that change what a decoder computes and that no decoder here has.
    func requireSupported() throws(DalleError) {
        for name in ["double_z", "tanh_out", "give_pre_end", "use_linear_attn"] {
            try require(name, "false") { $0.bool == false }
        }
        try require("resamp_with_conv", "true") { $0.bool == true }
        try require("out_ch", "3") { $0.int == 3 }
        try require("attn_type", "vanilla") { $0.string == "vanilla" }
        try require("remap", "nothing") { _ in false }
    }

    private func require(_ name: String, _ expected: String, _ isSupported: (Node) -> Bool) throws(DalleError) {
        guard let node = value(name), !isSupported(node) else { return }
        throw mismatch(name, node, "\(expected): other models are not supported")
    }

    private func value(_ name: String) -> Node? {
        places.lazy.compactMap { $0[name] }.first { $0.null == nil }
    }

    private func mismatch(_ name: String, _ node: Node, _ expected: String) -> DalleError {
        let found = node.string ?? node.array().map { $0.string ?? "…" }.joined(separator: ", ")
        return DalleError(.badData, "is \(found.prefix(64)), expected \(expected)", item: name)
    }
}
