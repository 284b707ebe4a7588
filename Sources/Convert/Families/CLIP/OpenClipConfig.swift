import DalleFormat
import DalleModels

/// Reads open_clip's open_clip_config.json: absent keys take that library's defaults, what is not supported is refused by
/// its key.
///
/// Upstream: `CLIPVisionCfg`, `CLIPTextCfg`, `PreprocessCfg` of open_clip 3.3.
struct OpenClipConfig {
    static let fileName = "open_clip_config.json"
    /// Under which names its library looks for tensors.
    static let tensorFiles = [
        "open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin",
        "open_clip_pytorch_model.pth",
    ]

    let file: String
    private let model: SettingsObject
    private let vision: SettingsObject
    private let text: SettingsObject
    private let preprocessing: SettingsObject?

    /// - Throws: `badData` with the key of a setting that is not supported.
    init(_ path: String) throws(DalleError) {
        file = path
        let whole = try SettingsObject(file: path)
        let model = try whole.object("model_cfg")
        if model != nil { try whole.requireOnly(["model_cfg", "preprocess_cfg"], remedy: Self.remedy) }
        // The library's own model_configs have no outer object.
        self.model = model ?? whole
        preprocessing = model == nil ? nil : try whole.object("preprocess_cfg")
        guard let vision = try self.model.object("vision_cfg"), let text = try self.model.object("text_cfg") else {
            throw DalleError(
                .badData, "holds no vision_cfg or no text_cfg, so it is no configuration of open_clip",
                remedy: "Give the checkpoint's own open_clip_config.json", file: path)
        }
        self.vision = vision
        self.text = text
        try requireSupported()
    }

    private func requireSupported() throws(DalleError) {
        // Towers of other libraries first: their other settings are of no matter then.
        try vision.require("timm_model_name", .text(""))
        try text.require("hf_model_name", .text(""))
        try model.require("multimodal_cfg")
        try model.require("init_logit_bias")
        try model.requireOnly(
            [
                "embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text", "init_logit_scale",
                "init_logit_bias", "nonscalar_logit_scale", "cast_dtype", "output_dict", "multimodal_cfg",
            ], remedy: Self.remedy)
        for tower in [vision, text] {
            for key in ["qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner", "scale_attn", "scale_fc"] {
                try tower.require(key, .bool(false))
            }
            try tower.require("block_type", .text("default"))
            try tower.require("ls_init_value")
            if let norm = try tower.object("norm_kwargs") {
                try norm.requireOnly(["eps"], remedy: Self.remedy)
                guard try norm.number("eps", CLIPConfiguration.normEpsilon) == CLIPConfiguration.normEpsilon else {
                    throw norm.mismatch("eps", "\(CLIPConfiguration.normEpsilon): no other is supported")
                }
            }
        }
        for key in ["attentional_pool", "no_ln_pre"] { try vision.require(key, .bool(false)) }
        try vision.require("pos_embed_type", .text("learnable"))
        try vision.require("pool_type", .text("tok"))
        try vision.requireOnly(Self.ofTowers.union(Self.ofVision), remedy: Self.remedy)
        for key in ["embed_cls", "no_causal_mask", "proj_bias"] { try text.require(key, .bool(false)) }
        try text.require("pool_type", .text("argmax"), .text("eos"))
        try text.require("proj_type", .text("linear"))
        for key in ["hf_tokenizer_name", "tokenizer_mode"] { try text.require(key, .text("")) }
        try text.require("tokenizer_kwargs", .object([:]))
        try text.requireOnly(Self.ofTowers.union(Self.ofText), remedy: Self.remedy)
        guard let preprocessing else { return }
        try preprocessing.require("mode", .text("RGB"))
        try preprocessing.require("interpolation", .text("bicubic"))
        try preprocessing.require("resize_mode", .text("shortest"))
        // The library takes the size from the model.
        try preprocessing.requireOnly(
            ["size", "mode", "mean", "std", "interpolation", "resize_mode", "fill_color"], remedy: Self.remedy)
    }

    /// Puts what no tensor shows into a configuration made of shapes.
    ///
    /// - Throws: `badData` with the key of a setting that the tensors contradict.
    func apply(to configuration: inout CLIPConfiguration) throws(DalleError) {
        try requireAgreement(with: configuration)
        configuration.text.activation = try activation(text)
        configuration.text.heads = try text.integer("heads", 8)
        let headWidth = try vision.integer("head_width", 64)
        guard headWidth > 0 else { throw vision.mismatch("head_width", "a number above 0") }
        configuration.setVision(headWidth: headWidth, activation: try activation(vision))
        if try text.text("pool_type", "argmax") == "eos" {
            configuration.poolingToken = try text.integer("eos_id", 2)
        }
        if let preprocessing {
            configuration.pixelMean = try preprocessing.colours("mean", configuration.pixelMean)
            configuration.pixelDeviation = try preprocessing.colours("std", configuration.pixelDeviation)
            guard configuration.pixelDeviation.allSatisfy({ $0 > 0 }) else {
                throw preprocessing.mismatch("std", "numbers above 0")
            }
        }
    }

    private func activation(_ tower: SettingsObject) throws(DalleError) -> Activation {
        let isQuick = try model.bool("quick_gelu", false)
        guard let arguments = try tower.object("act_kwargs"), !arguments.values.isEmpty else {
            return isQuick ? .quickGELU : .gelu
        }
        // QuickGELU takes no arguments.
        guard !isQuick else { throw tower.mismatch("act_kwargs", "null beside quick_gelu") }
        try arguments.requireOnly(["approximate"], remedy: Self.remedy)
        try arguments.require("approximate", .text("none"), .text("tanh"))
        return try arguments.text("approximate", "none") == "tanh" ? .geluTanh : .gelu
    }

    private func requireAgreement(with configuration: CLIPConfiguration) throws(DalleError) {
        func compare(
            _ settings: SettingsObject, _ key: String, _ absent: Int, _ found: Int
        ) throws(DalleError) {
            guard try settings.edge(key, absent) != found else { return }
            throw DalleError(
                .badData, "is \(settings.values[key] ?? .integer(absent)), and the tensors say \(found)",
                remedy: "Give the configuration that belongs to this checkpoint", file: file, item: settings.path(key))
        }
        func compare(_ settings: SettingsObject, _ tower: CLIPConfiguration.Tower) throws(DalleError) {
            try compare(settings, "layers", 12, tower.layers)
            let ratio = try settings.number("mlp_ratio", 4)
            guard abs(ratio) < 1e6, Int(Double(tower.width) * ratio) == tower.feedForwardWidth else {
                throw settings.mismatch("mlp_ratio", "what makes \(tower.feedForwardWidth) of \(tower.width)")
            }
        }
        try compare(model, "embed_dim", -1, configuration.projectionWidth)
        try compare(text, "context_length", 77, configuration.contextLength)
        try compare(text, "vocab_size", 49408, configuration.vocabulary)
        try compare(text, "width", 512, configuration.text.width)
        try compare(text, configuration.text)
        try compare(vision, "image_size", 224, configuration.imageSize)
        switch configuration.vision {
        case .transformer(let tower, let patchSize):
            try compare(vision, "width", 768, tower.width)
            try compare(vision, "patch_size", 16, patchSize)
            try compare(vision, tower)
        case .residual(let network):
            try compare(vision, "width", 768, network.width)
            guard vision.values["layers"]?.integers == network.blocks else {
                throw vision.mismatch("layers", "\(network.blocks), as the tensors say")
            }
        }
    }

    private static let remedy = "If it does not change what the model computes, take it out of the file"
    private static let ofTowers: Set<String> = [
        "layers", "width", "mlp_ratio", "ls_init_value", "final_ln_after_pool", "pool_type", "output_tokens",
        "act_kwargs", "norm_kwargs", "block_type", "qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner",
        "scale_attn", "scale_fc",
    ]
    /// Those of pooling and of other libraries' towers are without effect where there are none.
    private static let ofVision: Set<String> = [
        "head_width", "patch_size", "image_size", "patch_dropout", "attentional_pool", "attn_pooler_queries",
        "attn_pooler_heads", "no_ln_pre", "pos_embed_type", "timm_model_name", "timm_model_pretrained", "timm_pool",
        "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path",
    ]
    private static let ofText: Set<String> = [
        "context_length", "vocab_size", "hf_tokenizer_name", "tokenizer_mode", "tokenizer_kwargs", "heads",
        "embed_cls", "pad_id", "eos_id", "no_causal_mask", "proj_bias", "proj_type", "hf_model_name",
        "hf_model_pretrained", "hf_proj_type", "hf_pooler_type",
    ]
}

extension CLIPConfiguration {
    /// Divides the picture's attention into heads of a width; where that does not divide, validation says so.
    mutating func setVision(headWidth: Int, activation: Activation) {
        switch vision {
        case .transformer(var tower, let patchSize):
            tower.heads = max(tower.width / headWidth, 1)
            tower.activation = activation
            vision = .transformer(tower, patchSize: patchSize)
        case .residual(var network):
            network.heads = max(network.pooledWidth / headWidth, 1)
            vision = .residual(network)
        }
    }
}
