/// Keys that transformers writes into any config.json and that change nothing of what these models compute.
///
/// `PretrainedConfig` of transformers 4.25 to 5.24, and its parameters of generation, which the models' own programs do
/// not read. Not among them: `quantization_config` and `auto_map`, after which the weights or the program are others.
enum TransformersSettings {
    static let withoutEffect = machinery.union(generation)

    private static let machinery: Set<String> = [
        "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal", "_commit_hash",
        "_experts_implementation", "_experts_implementation_internal", "_name_or_path", "_output_attentions",
        "_post_init_done", "add_cross_attention", "architectures", "attn_implementation", "chunk_size_feed_forward",
        "cross_attention_hidden_size", "dtype", "experts_implementation", "finetuning_task", "gradient_checkpointing",
        "id2label", "is_composition", "is_encoder_decoder", "label2id", "name_or_path", "num_labels",
        "output_attentions", "output_hidden_states", "prefix", "problem_type", "pruned_heads", "return_dict",
        "sep_token_id", "task_specific_params", "tf_legacy_loss", "tie_last_hidden_states", "tokenizer_class",
        "torch_dtype", "torchscript", "transformers_version", "use_bfloat16", "use_cache", "xla_device",
    ]

    private static let generation: Set<String> = [
        "_from_model_config", "assistant_confidence_threshold", "assistant_early_exit", "assistant_ensemble_weight",
        "assistant_lookbehind", "bad_words_ids", "begin_suppress_tokens", "bos_token_id", "cache_config",
        "cache_implementation", "compile_config", "constraints", "continuous_batching_config", "disable_compile",
        "diversity_penalty", "do_sample", "dola_layers", "early_stopping", "encoder_no_repeat_ngram_size",
        "encoder_repetition_penalty", "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty",
        "force_words_ids", "forced_bos_token_id", "forced_decoder_ids", "forced_eos_token_id", "generation_kwargs",
        "guidance_scale", "is_assistant", "length_penalty", "low_memory", "max_cache_len", "max_length",
        "max_matching_ngram_size", "max_new_tokens", "max_time", "min_length", "min_new_tokens", "min_p",
        "no_repeat_ngram_size", "num_assistant_tokens", "num_assistant_tokens_schedule", "num_beam_groups",
        "num_beams", "num_return_sequences", "output_logits", "output_scores", "penalty_alpha", "prefill_chunk_size",
        "prompt_lookup_num_tokens", "remove_invalid_values", "renormalize_logits", "repetition_penalty",
        "return_dict_in_generate", "return_legacy_cache", "sequence_bias", "speculation_type", "stop_strings",
        "suppress_tokens", "target_lookbehind", "token_healing", "top_h", "typical_p", "use_mtp",
        "watermarking_config",
    ]
}
