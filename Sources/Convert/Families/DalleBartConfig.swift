import DalleFormat

/// Reads dalle-mini's config.json: absent keys take upstream's defaults, keys that are not understood are refused.
///
/// Upstream: `DalleBartConfig` of dalle-mini 0.1.5 over `PretrainedConfig` of transformers 4.25.1.
struct DalleBartConfig {
    static let fileName = "config.json"

    private let values: [String: JSONValue]
    private let path: String

    init(_ path: String) throws(DalleError) {
        self.path = path
        values = try JSONFile.object(path)
        for key in values.keys.sorted() where !Self.used.contains(key) && !Self.withoutEffect.contains(key) {
            throw DalleError(
                .badData, "a setting that is not known, so its effect is not either: \(values[key] ?? .null)",
                remedy: "If it does not change what the model computes, give a copy of the file without it by --config",
                file: path, item: key)
        }
    }

    func configuration() throws(DalleError) -> BartConfiguration {
        try refuseWhatUpstreamCannotBuild()
        let placement = try normPlacement()
        let imageVocabulary = try integer("image_vocab_size", 16384)
        let (imageRows, overflow) = imageVocabulary.addingReportingOverflow(1)
        guard !overflow else { throw mismatch("image_vocab_size", "a number of image codes") }
        func token(_ key: String) throws(DalleError) -> Int { try integer(key, imageVocabulary) }
        func stack(_ side: String) throws(DalleError) -> BartConfiguration.Stack {
            BartConfiguration.Stack(
                layers: try integer("\(side)_layers", 12), heads: try integer("\(side)_attention_heads", 16),
                feedForwardWidth: try integer("\(side)_ffn_dim", 4096),
                hasFinalNorm: try bool("use_final_ln_\(side)", true) && placement != .postln)
        }
        var configuration = BartConfiguration(
            width: try integer("d_model", 1024), encoder: try stack("encoder"), decoder: try stack("decoder"),
            textVocabulary: try integer("encoder_vocab_size", 50264), imageVocabulary: imageRows,
            textLength: try integer("max_text_length", 64), imageLength: try integer("image_length", 256),
            startToken: try token("decoder_start_token_id"), padToken: try token("pad_token_id"),
            endToken: try token("eos_token_id"))
        configuration.activation = try activation()
        configuration.normKind = try choice("ln_type", .layerNorm)
        configuration.normPlacement = placement
        configuration.forcesNormScale = try bool("force_ln_scale", false)
        configuration.usesGLU = try bool("use_glu", true)
        configuration.usesBias = try bool("use_bias", false)
        configuration.usesHeadScale = try bool("use_head_scale", false)
        if try bool("use_cosine_attention", false) {
            configuration.cosineAttentionTau = try number("tau_init", 0.05)
        }
        configuration.usesPositionBias = try bool("use_swin_position_embeddings", false)
        configuration.usesAbsolutePositions = try bool("use_absolute_position_embeddings", true)
        configuration.usesDeepNetScaling = try bool("use_deepnet_scaling", false)
        configuration.sinkhornIterations = try integer("sinkhorn_iters", 1)
        configuration.scalesEmbedding = try bool("scale_embedding", false)
        configuration.normalizesText = try bool("normalize_text", false)
        do throws(DalleError) {
            // Through the model file's form, which bounds every setting.
            return try BartConfiguration(configuration.metadata)
        } catch {
            throw error.located(file: path)
        }
    }

    private func refuseWhatUpstreamCannotBuild() throws(DalleError) {
        let model = try text("model_type", "dallebart")
        guard model == "dallebart" else {
            throw DalleError(
                .badData, "is the configuration of a '\(model)' model, expected 'dallebart'", file: path,
                item: "model_type")
        }
        for key in ["tie_word_embeddings", "use_alibi", "is_decoder", "tie_encoder_decoder"]
        where try bool(key, false) {
            throw DalleError(.badData, "is true, which dalle-mini itself cannot build", file: path, item: key)
        }
    }

    private func normPlacement() throws(DalleError) -> BartConfiguration.NormPlacement {
        // Upstream's other name for it.
        if values["ln_positions"] == .text("deepnet") { return .postln }
        return try choice("ln_positions", .normformer)
    }

    private func activation() throws(DalleError) -> Activation {
        let names: [String: Activation] = [
            "gelu": .gelu, "gelu_new": .geluTanh, "relu": .relu, "silu": .silu, "swish": .silu,
            "quick_gelu": .quickGELU, "smelu": .smelu,
        ]
        let name = try text("activation_function", "gelu")
        guard let activation = names[name] else {
            throw mismatch("activation_function", "one of \(names.keys.sorted().joined(separator: ", "))")
        }
        return activation
    }

    private func integer(_ key: String, _ absent: Int) throws(DalleError) -> Int {
        switch values[key] {
        case nil, .null?: return absent
        case .integer(let value)?: return value
        default: throw mismatch(key, "an integer")
        }
    }

    private func number(_ key: String, _ absent: Double) throws(DalleError) -> Double {
        switch values[key] {
        case nil, .null?: return absent
        case .integer(let value)?: return Double(value)
        case .number(let value)?: return value
        default: throw mismatch(key, "a number")
        }
    }

    private func bool(_ key: String, _ absent: Bool) throws(DalleError) -> Bool {
        switch values[key] {
        case nil, .null?: return absent
        case .bool(let value)?: return value
        default: throw mismatch(key, "true or false")
        }
    }

    private func text(_ key: String, _ absent: String) throws(DalleError) -> String {
        switch values[key] {
        case nil, .null?: return absent
        case .text(let value)?: return value
        default: throw mismatch(key, "a text")
        }
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ absent: Choice
    ) throws(DalleError) -> Choice {
        guard let choice = Choice(rawValue: try text(key, absent.rawValue)) else {
            throw mismatch(key, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    private func mismatch(_ key: String, _ expected: String) -> DalleError {
        DalleError(.badData, "is \(values[key] ?? .null), expected \(expected)", file: path, item: key)
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

    /// Settings of training, of initialisation, of transformers' machinery and of beam search; `use_scan` is decided
    /// by the keys that are there, and image ids other than the codes are never drawn, whatever the lengths say.
    private static let withoutEffect: Set<String> = [
        "_commit_hash", "_name_or_path", "activation_dropout", "add_cross_attention", "architectures",
        "attention_dropout", "bad_words_ids", "begin_suppress_tokens", "bos_token_id", "chunk_size_feed_forward",
        "cross_attention_hidden_size", "diversity_penalty", "do_sample", "dropout", "early_stopping",
        "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty", "finetuning_task", "forced_bos_token_id",
        "forced_eos_token_id", "gradient_checkpointing", "id2label", "init_std", "is_encoder_decoder", "label2id",
        "length_penalty", "max_length", "min_length", "name_or_path", "no_repeat_ngram_size", "num_beam_groups",
        "num_beams", "num_labels", "num_return_sequences", "output_attentions", "output_hidden_states",
        "output_scores", "prefix", "problem_type", "pruned_heads", "remove_invalid_values", "repetition_penalty",
        "return_dict", "return_dict_in_generate", "sep_token_id", "suppress_tokens", "task_specific_params",
        "tf_legacy_loss", "tokenizer_class", "torch_dtype", "torchscript", "transformers_version", "typical_p",
        "use_bfloat16", "use_cache", "use_scan", "use_subln_init", "xla_device",
    ]
}
