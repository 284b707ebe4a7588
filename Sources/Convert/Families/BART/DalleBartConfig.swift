import DalleFormat
import DalleModels

/// Reads dalle-mini's config.json: absent keys take upstream's defaults, keys that are not understood are refused.
///
/// Upstream: `DalleBartConfig` of dalle-mini 0.1.5 over `PretrainedConfig` of transformers 4.25.1.
struct DalleBartConfig {
    static let fileName = "config.json"

    private let settings: SettingsObject
    private var path: String { settings.file }

    init(_ path: String) throws(DalleError) {
        settings = try SettingsObject(file: path)
        try settings.requireOnly(
            Self.used.union(Self.withoutEffect).union(TransformersSettings.withoutEffect),
            remedy: "If it does not change what the model computes, give a copy of the file without it by --config")
    }

    func configuration() throws(DalleError) -> BartConfiguration {
        try refuseWhatUpstreamCannotBuild()
        let placement = try normPlacement()
        let imageVocabulary = try settings.integer("image_vocab_size", 16384)
        let (imageRows, overflow) = imageVocabulary.addingReportingOverflow(1)
        guard !overflow else { throw settings.mismatch("image_vocab_size", "a number of image codes") }
        func token(_ key: String) throws(DalleError) -> Int { try settings.integer(key, imageVocabulary) }
        func stack(_ side: String) throws(DalleError) -> BartConfiguration.Stack {
            BartConfiguration.Stack(
                layers: try settings.integer("\(side)_layers", 12),
                heads: try settings.integer("\(side)_attention_heads", 16),
                feedForwardWidth: try settings.integer("\(side)_ffn_dim", 4096),
                hasFinalNorm: try settings.bool("use_final_ln_\(side)", true) && placement != .postln)
        }
        var configuration = BartConfiguration(
            width: try settings.integer("d_model", 1024), encoder: try stack("encoder"), decoder: try stack("decoder"),
            textVocabulary: try settings.integer("encoder_vocab_size", 50264), imageVocabulary: imageRows,
            textLength: try settings.integer("max_text_length", 64),
            imageLength: try settings.integer("image_length", 256),
            startToken: try token("decoder_start_token_id"), padToken: try token("pad_token_id"),
            endToken: try token("eos_token_id"))
        configuration.activation = try settings.activation("activation_function", "gelu")
        configuration.normKind = try settings.choice("ln_type", .layerNorm)
        configuration.normPlacement = placement
        configuration.forcesNormScale = try settings.bool("force_ln_scale", false)
        configuration.usesGLU = try settings.bool("use_glu", true)
        configuration.usesBias = try settings.bool("use_bias", false)
        configuration.usesHeadScale = try settings.bool("use_head_scale", false)
        if try settings.bool("use_cosine_attention", false) {
            configuration.cosineAttentionTau = try settings.number("tau_init", 0.05)
        }
        configuration.usesPositionBias = try settings.bool("use_swin_position_embeddings", false)
        configuration.usesAbsolutePositions = try settings.bool("use_absolute_position_embeddings", true)
        configuration.usesDeepNetScaling = try settings.bool("use_deepnet_scaling", false)
        configuration.sinkhornIterations = try settings.integer("sinkhorn_iters", 1)
        configuration.scalesEmbedding = try settings.bool("scale_embedding", false)
        configuration.normalizesText = try settings.bool("normalize_text", false)
        do throws(DalleError) {
            // Round trip through the file's metadata, which validates every setting.
            return try BartConfiguration(configuration.metadata)
        } catch {
            throw error.located(file: path)
        }
    }

    private func refuseWhatUpstreamCannotBuild() throws(DalleError) {
        let model = try settings.text("model_type", "dallebart")
        guard model == "dallebart" else {
            throw DalleError(
                .badData, "is the configuration of a '\(model)' model, expected 'dallebart'", file: path,
                item: "model_type")
        }
        for key in ["tie_word_embeddings", "use_alibi", "is_decoder", "tie_encoder_decoder"]
        where try settings.bool(key, false) {
            throw DalleError(.badData, "is true, which dalle-mini itself cannot build", file: path, item: key)
        }
    }

    private func normPlacement() throws(DalleError) -> BartConfiguration.NormPlacement {
        // Upstream's other name for it.
        if settings.values["ln_positions"] == .text("deepnet") { return .postln }
        return try settings.choice("ln_positions", .normformer)
    }
}

extension DalleBartConfig {
    private static let used: Set<String> = [
        "activation_function", "d_model", "decoder_attention_heads", "decoder_ffn_dim", "decoder_layers",
        "decoder_start_token_id", "encoder_attention_heads", "encoder_ffn_dim", "encoder_layers", "encoder_vocab_size",
        "eos_token_id", "force_ln_scale", "image_length", "image_vocab_size", "is_decoder", "ln_positions", "ln_type",
        "max_text_length", "model_type", "normalize_text", "pad_token_id", "scale_embedding", "sinkhorn_iters",
        "tau_init", "temperature", "tie_encoder_decoder", "tie_word_embeddings", "top_k", "top_p",
        "use_absolute_position_embeddings", "use_alibi", "use_bias", "use_cosine_attention", "use_deepnet_scaling",
        "use_final_ln_decoder", "use_final_ln_encoder", "use_glu", "use_head_scale", "use_swin_position_embeddings",
    ]

    /// Settings of training and of initialisation; `use_scan` is decided by the keys that are there, and image ids
    /// other than the codes are never drawn, whatever the lengths say.
    private static let withoutEffect: Set<String> = [
        "activation_dropout", "attention_dropout", "dropout", "init_std", "use_scan", "use_subln_init",
    ]
}
