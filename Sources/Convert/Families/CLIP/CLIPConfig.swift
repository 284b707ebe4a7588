import DalleFormat
import DalleModels

/// Reads the config.json of Hugging Face's CLIPModel: absent keys take that library's defaults, keys that are not
/// understood are refused.
struct CLIPConfig {
    static let fileName = "config.json"

    private let settings: SettingsObject

    init(_ path: String) throws(DalleError) {
        settings = try SettingsObject(file: path)
        guard settings.values["model_type"] == .text("clip") else {
            throw DalleError(
                .badData, "is \(settings.values["model_type"] ?? .null), expected \"clip\"",
                remedy: "Give a CLIP in Hugging Face's layout", file: path, item: "model_type")
        }
        try settings.requireOnly(Self.used.union(TransformersSettings.withoutEffect), remedy: Self.remedy)
    }

    func configuration() throws(DalleError) -> CLIPConfiguration {
        let text = try section("text_config"), vision = try section("vision_config")
        try vision.require("num_channels", .integer(3))
        let patchSize = try vision.edge("patch_size", 32)
        var configuration = CLIPConfiguration(
            text: try tower(text, width: 512, heads: 8),
            vision: .transformer(try tower(vision, width: 768, heads: 12), patchSize: patchSize),
            vocabulary: try text.integer("vocab_size", 49408),
            contextLength: try text.integer("max_position_embeddings", 77),
            imageSize: try vision.edge("image_size", 224),
            projectionWidth: try settings.integer("projection_dim", 512))
        // Files of before 2023 say 2 and mean the position of the largest id.
        let end = try text.integer("eos_token_id", 49407)
        configuration.poolingToken = end == 2 ? nil : end
        do throws(DalleError) {
            return try CLIPConfiguration(configuration.metadata)
        } catch {
            throw error.located(file: settings.file)
        }
    }

    /// The settings of a tower.
    ///
    /// What stands under `text_config_dict` or `vision_config_dict`, the library's own defaults included, takes the place
    /// of everything under the shorter key.
    private func section(_ name: String) throws(DalleError) -> SettingsObject {
        let object = try settings.object(name)
        try object?.requireOnly(Self.usedByTowers.union(TransformersSettings.withoutEffect), remedy: Self.remedy)
        guard let whole = try settings.object(name + "_dict") else {
            return object ?? SettingsObject([:], file: settings.file, place: name)
        }
        try whole.requireOnly(Self.usedByTowers.union(TransformersSettings.withoutEffect), remedy: Self.remedy)
        return whole
    }

    private func tower(
        _ section: SettingsObject, width: Int, heads: Int
    ) throws(DalleError) -> CLIPConfiguration.Tower {
        let epsilon = try section.number("layer_norm_eps", CLIPConfiguration.normEpsilon)
        guard epsilon == CLIPConfiguration.normEpsilon else {
            throw section.mismatch("layer_norm_eps", "\(CLIPConfiguration.normEpsilon): no other is supported")
        }
        return CLIPConfiguration.Tower(
            width: try section.integer("hidden_size", width), layers: try section.integer("num_hidden_layers", 12),
            heads: try section.integer("num_attention_heads", heads),
            feedForwardWidth: try section.integer("intermediate_size", 4 * width),
            activation: try section.activation("hidden_act", "quick_gelu"))
    }

    private static let remedy = "If it does not change what the model computes, take it out of the file"
    private static let used: Set<String> = [
        "model_type", "text_config", "vision_config", "text_config_dict", "vision_config_dict", "projection_dim",
        "logit_scale_init_value", "initializer_factor", "initializer_range", "pad_token_id", "eos_token_id",
        "decoder_start_token_id", "is_decoder", "tie_word_embeddings", "tie_encoder_decoder", "temperature", "top_k",
        "top_p",
    ]
    /// A tower's own `projection_dim` is of a model of that tower alone.
    private static let usedByTowers = used.union([
        "attention_dropout", "dropout", "hidden_act", "hidden_size", "image_size", "intermediate_size",
        "layer_norm_eps", "max_position_embeddings", "num_attention_heads", "num_channels", "num_hidden_layers",
        "patch_size", "vocab_size",
    ]).subtracting(["text_config", "vision_config", "text_config_dict", "vision_config_dict"])
}
