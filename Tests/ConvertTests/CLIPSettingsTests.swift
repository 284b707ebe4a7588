import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// The files of settings beside a CLIP's weights: what they mean, and what of them is refused by its key.
@Suite struct CLIPSettingsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ object: [String: Any], _ name: String) throws -> String {
        try JSONSerialization.data(withJSONObject: object).write(to: directory.url.appending(path: name))
        return directory.path(name)
    }

    private func object(_ fixture: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Fixtures.data(fixture)) as? [String: Any])
    }

    // MARK: config.json

    /// Each says things twice; the towers are those that transformers 5.24 builds.
    @Test func theSecondSectionCountsAsInTransformers() throws {
        let cases = try #require(try object("torch/clip_settings.json")["towers"] as? [[String: Any]])
        #expect(cases.count == 5)
        for item in cases {
            var config = try #require(item["config"] as? [String: Any])
            config["model_type"] = "clip"
            let found = try CLIPConfig(try write(config, "config.json")).configuration()
            guard case .transformer(let vision, _) = found.vision else { return #expect(Bool(false)) }
            for (tower, name) in [(found.text, "text"), (vision, "vision")] {
                let expected = try #require(item[name] as? [String: Any])
                #expect(tower.width == expected["hidden_size"] as? Int, "\(config)")
                #expect(tower.heads == expected["num_attention_heads"] as? Int, "\(config)")
                #expect(tower.layers == expected["num_hidden_layers"] as? Int, "\(config)")
                #expect(tower.feedForwardWidth == expected["intermediate_size"] as? Int, "\(config)")
                #expect(tower.activation.rawValue == expected["hidden_act"] as? String, "\(config)")
            }
        }
    }

    /// Keys that transformers writes and nothing computes with; heads of any width.
    @Test func inertKeysAreAccepted() throws {
        var config = try object("torch/clip_vit_hf/config.json")
        let plain = try CLIPConfig(try write(config, "plain.json")).configuration()
        let inert: [String: Any] = [
            "dtype": "float16", "torch_dtype": "float16", "_attn_implementation_autoset": true, "use_cache": true,
            "_attn_implementation": "sdpa", "_experts_implementation": NSNull(), "min_p": NSNull(), "is_decoder": false,
            "tie_word_embeddings": true, "_commit_hash": "0", "tie_encoder_decoder": false, "pruned_heads": [:],
            "output_attentions": false, "pad_token_id": NSNull(), "max_length": 20, "top_k": 50,
        ]
        for section in ["", "text_config", "vision_config"] {
            if section.isEmpty {
                config.merge(inert) { _, new in new }
            } else {
                var tower = try #require(config[section] as? [String: Any])
                tower.merge(inert) { _, new in new }
                config[section] = tower
            }
        }
        #expect(try CLIPConfig(try write(config, "config.json")).configuration() == plain)
    }

    @Test(arguments: [
        ("quantization_config", "", "quantization_config"), ("auto_map", "", "auto_map"),
        ("use_rope", "text_config", "text_config.use_rope"), ("qkv_bias", "vision_config", "vision_config.qkv_bias"),
        ("use_rope", "text_config_dict", "text_config_dict.use_rope"),
    ])
    func unknownKeysAreRefused(_ key: String, _ section: String, _ item: String) throws {
        var config = try object("torch/clip_vit_hf/config.json")
        if section.isEmpty {
            config[key] = ["bits": 4]
        } else {
            var tower = config[section] as? [String: Any] ?? [:]
            tower[key] = true
            config[section] = tower
        }
        let path = try write(config, "config.json")
        let error = try dalleError { try CLIPConfig(path).configuration() }
        #expect(error.code == .badData && error.item == item && error.file == path, "\(error)")
    }

    @Test(arguments: [
        ("vision_config", "layer_norm_eps", 1e-6 as any Sendable), ("vision_config", "num_channels", 1),
        ("text_config", "hidden_act", "gelu_10"), ("text_config", "eos_token_id", [1, 2]),
        ("vision_config", "image_size", [32, 64]),
    ])
    func valuesThatAreNotSupportedAreRefused(_ section: String, _ key: String, _ value: any Sendable) throws {
        var config = try object("torch/clip_vit_hf/config.json")
        var tower = try #require(config[section] as? [String: Any])
        tower[key] = value
        config[section] = tower
        let path = try write(config, "config.json")
        let error = try dalleError { try CLIPConfig(path).configuration() }
        #expect(error.item == "\(section).\(key)", "\(error)")
    }

    // MARK: preprocessor_config.json and processor_config.json

    private static let preprocessor: [(key: String, value: any Sendable)] = [
        ("resample", 0), ("resample", 2), ("do_center_crop", false), ("do_resize", false), ("do_pad", true),
        ("size", 64), ("size", ["shortest_edge": 64]), ("size", ["height": 32, "width": 32]),
        ("crop_size", ["height": 32, "width": 16]), ("crop_size", 16), ("image_processor_type", "ViTImageProcessor"),
        ("default_to_square", true), ("image_std", [1, 0, 1]), ("image_mean", [1, 0]), ("do_thumbnail", true),
        ("rescale_factor", 0), ("do_normalize", "yes"), ("do_flip_channel_order", true),
    ]

    @Test(arguments: preprocessor.indices)
    func preprocessingThatIsNotSupportedIsRefused(_ index: Int) throws {
        let (key, value) = Self.preprocessor[index]
        var configuration = try CLIPConfig(Fixtures.path("torch/clip_vit_hf/config.json")).configuration()
        let plain = configuration
        for name in ["preprocessor_config.json", "processor_config.json"] {
            let isWhole = name == "processor_config.json"
            let path = try write(isWhole ? ["image_processor": [key: value]] : [key: value], name)
            let error = try dalleError {
                try CLIPPreprocessing(beside: directory.url.path + "/")?.apply(to: &configuration)
            }
            #expect(error.item == (isWhole ? "image_processor.\(key)" : key) && error.file == path, "\(error)")
        }
        #expect(configuration == plain)
    }

    /// A processor's file that says nothing of pictures leaves it to the other one, and one that does comes first.
    @Test func theWholeProcessorsFileComesFirst() throws {
        var configuration = try CLIPConfig(Fixtures.path("torch/clip_vit_hf/config.json")).configuration()
        let source = directory.url.path + "/"
        #expect(try CLIPPreprocessing(beside: source) == nil)
        _ = try write(["image_mean": [0.5, 0.5, 0.5], "size": 32], "preprocessor_config.json")
        _ = try write(["processor_class": "CLIPProcessor"], "processor_config.json")
        try CLIPPreprocessing(beside: source)?.apply(to: &configuration)
        #expect(configuration.pixelMean == [0.5, 0.5, 0.5])
        _ = try write(["image_processor": ["image_mean": [0.25, 0.25, 0.25]]], "processor_config.json")
        try CLIPPreprocessing(beside: source)?.apply(to: &configuration)
        #expect(configuration.pixelMean == [0.25, 0.25, 0.25])
    }

    // MARK: open_clip_config.json

    private static let openClip: [(place: [String], value: any Sendable)] = [
        (["model_cfg", "vision_cfg", "timm_model_name"], "convnext_base"),
        (["model_cfg", "text_cfg", "hf_model_name"], "roberta-base"), (["model_cfg", "multimodal_cfg"], ["width": 8]),
        (["model_cfg", "init_logit_bias"], -10), (["model_cfg", "vision_cfg", "pool_type"], "avg"),
        (["model_cfg", "vision_cfg", "no_ln_pre"], true), (["model_cfg", "vision_cfg", "attentional_pool"], true),
        (["model_cfg", "vision_cfg", "ls_init_value"], 0.0001),
        (["model_cfg", "vision_cfg", "pos_embed_type"], "sin_cos_2d"),
        (["model_cfg", "vision_cfg", "norm_kwargs", "eps"], 1e-6), (["model_cfg", "text_cfg", "qk_norm"], true),
        (["model_cfg", "text_cfg", "no_causal_mask"], true), (["model_cfg", "text_cfg", "pool_type"], "last"),
        (["model_cfg", "text_cfg", "embed_cls"], true), (["model_cfg", "text_cfg", "proj_type"], "none"),
        (["model_cfg", "text_cfg", "proj_bias"], true), (["model_cfg", "text_cfg", "block_type"], "custom"),
        (["model_cfg", "text_cfg", "hf_tokenizer_name"], "bert-base-uncased"),
        (["model_cfg", "text_cfg", "tokenizer_kwargs", "clean"], "canonicalize"),
        (["model_cfg", "text_cfg", "act_kwargs", "approximate"], "fast"),
        (["model_cfg", "vision_cfg", "rope"], true), (["model_cfg", "soft_cap"], 30), (["preprocess"], 1),
        (["preprocess_cfg", "interpolation"], "bilinear"), (["preprocess_cfg", "resize_mode"], "squash"),
        (["preprocess_cfg", "mode"], "L"), (["preprocess_cfg", "std"], [1, 1, 0]), (["preprocess_cfg", "mean"], 0.5),
        (["preprocess_cfg", "gamma"], 2),
        // What the tensors contradict.
        (["model_cfg", "embed_dim"], 64), (["model_cfg", "vision_cfg", "width"], 160),
        (["model_cfg", "vision_cfg", "layers"], 2), (["model_cfg", "vision_cfg", "patch_size"], 4),
        (["model_cfg", "vision_cfg", "image_size"], 32), (["model_cfg", "vision_cfg", "mlp_ratio"], 3),
        (["model_cfg", "text_cfg", "context_length"], 77), (["model_cfg", "text_cfg", "vocab_size"], 49408),
        (["model_cfg", "text_cfg", "layers"], 12), (["model_cfg", "vision_cfg", "head_width"], 0),
    ]

    private func changed(_ value: Any, _ place: ArraySlice<String>, _ object: [String: Any]) -> [String: Any] {
        var object = object
        guard let key = place.first else { return object }
        object[key] =
            place.count == 1 ? value : changed(value, place.dropFirst(), object[key] as? [String: Any] ?? [:])
        return object
    }

    @Test(arguments: openClip.indices)
    func openClipsOtherModelsAreRefusedByTheirKey(_ index: Int) throws {
        let (place, value) = Self.openClip[index]
        let config = changed(value, place[...], try object("torch/open_clip/open_clip_config.json"))
        let path = try write(config, "open_clip_config.json")
        try FileManager.default.copyItem(
            atPath: Fixtures.path("torch/open_clip/open_clip_model.safetensors"),
            toPath: directory.path("open_clip_model.safetensors"))
        let error = try dalleError { try CLIPImport.read(directory.url.path) }
        #expect(error.code == .badData && error.file == path, "\(error)")
        #expect(error.item.map { place.joined(separator: ".").hasPrefix($0) } == true, "\(error)")
        #expect(error.item?.hasSuffix(place.last ?? "") == true || place.last == "clean", "\(error)")
    }

    /// The settings of published models with towers that are supported; the sizes are checked elsewhere.
    @Test(arguments: [
        "{}", #"{"vision_cfg": {"timm_model_name": null, "timm_drop": 0.0, "output_tokens": true, "act_kwargs": {}}}"#,
        #"{"quick_gelu": true, "custom_text": true, "text_cfg": {"hf_tokenizer_name": "", "eos_id": 2, "pad_id": 0}}"#,
        #"{"text_cfg": {"norm_kwargs": {"eps": 1e-05}, "pool_type": "eos", "eos_id": 119}, "init_logit_bias": null}"#,
    ])
    func openClipsSettingsWithoutEffectAreAccepted(_ change: String) throws {
        let added = try #require(
            try JSONSerialization.jsonObject(with: Data(change.utf8)) as? [String: Any])
        var config = try object("torch/open_clip/open_clip_config.json")
        for (key, value) in added {
            if let tower = value as? [String: Any] {
                for (name, value) in tower { config = changed(value, ["model_cfg", key, name], config) }
            } else {
                config = changed(value, ["model_cfg", key], config)
            }
        }
        _ = try OpenClipConfig(try write(config, "open_clip_config.json"))
        // A file of the library's own model_configs is the inner object.
        _ = try OpenClipConfig(try write(try #require(config["model_cfg"] as? [String: Any]), "model.json"))
    }

    // MARK: Without a configuration

    /// OpenAI's released sizes stand for OpenAI's function; a single other number does not.
    @Test func onlyOpenAIsOwnSizesNeedNoOptions() {
        func model(_ image: Int, _ patch: Int, _ width: Int, _ layers: Int, _ text: Int, _ embed: Int)
            -> CLIPConfiguration
        {
            func tower(_ width: Int, _ layers: Int) -> CLIPConfiguration.Tower {
                .init(width: width, layers: layers, heads: 1, feedForwardWidth: 4 * width, activation: .gelu)
            }
            return CLIPConfiguration(
                text: tower(text, 12), vision: .transformer(tower(width, layers), patchSize: patch),
                vocabulary: 49408, contextLength: 77, imageSize: image, projectionWidth: embed)
        }
        #expect(model(224, 32, 768, 12, 512, 512).hasSizesOfOpenAI)
        #expect(model(336, 14, 1024, 24, 768, 768).hasSizesOfOpenAI)
        for other in [
            model(256, 32, 768, 12, 512, 512), model(224, 14, 1280, 32, 1024, 1024), model(224, 32, 768, 12, 512, 768),
        ] {
            #expect(!other.hasSizesOfOpenAI)
        }
        func network(_ image: Int, _ width: Int, _ blocks: [Int], _ text: Int, _ embed: Int) -> CLIPConfiguration {
            var network = model(image, 32, 768, 12, text, embed)
            network.vision = .residual(.init(width: width, blocks: blocks, heads: 1))
            return network
        }
        #expect(network(224, 64, [3, 4, 6, 3], 512, 1024).hasSizesOfOpenAI)
        #expect(network(448, 128, [3, 15, 36, 10], 1024, 1024).hasSizesOfOpenAI)
        #expect(!network(224, 64, [3, 4, 6, 3], 512, 512).hasSizesOfOpenAI)
        // Of such sizes: what is assumed is said, and what the user says comes first.
        var released = model(224, 32, 768, 12, 512, 512)
        let note = try? CLIPFunction().apply(to: &released)
        #expect(note?.contains("--activation gelu") == true && released.text.heads == 8)
        #expect(released.text.activation == .quickGELU)
        _ = try? CLIPFunction(activation: .gelu, headWidth: 32).apply(to: &released)
        #expect(released.text.activation == .gelu && released.text.heads == 8)
    }

    @Test func optionsThatTheConfigurationContradictsAreRefused() throws {
        for function in [
            CLIPFunction(activation: .quickGELU), CLIPFunction(headWidth: 64), CLIPFunction(textHeadWidth: 64),
        ] {
            let error = try dalleError {
                try CLIPImport.read(Fixtures.path("torch/open_clip"), function: function)
            }
            #expect(error.code == .usage && error.file?.hasSuffix("open_clip_config.json") == true, "\(error)")
        }
        let same = CLIPFunction(activation: .gelu, headWidth: 40, textHeadWidth: 16)
        #expect(try CLIPImport.read(Fixtures.path("torch/open_clip"), function: same).count == 1)
    }
}
