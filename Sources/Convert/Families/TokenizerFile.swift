import DalleFormat

/// The parts of a `tokenizer.json` that decide how text becomes ids.
struct TokenizerFile: Decodable {
    /// A step on a text's way to ids; the settings are those of the kinds that are supported.
    struct Step: Decodable {
        let type: String
        let addsPrefixSpace: Bool?
        let usesRegex: Bool?
        let first: NamedToken?
        let last: NamedToken?

        enum CodingKeys: String, CodingKey {
            case type
            case addsPrefixSpace = "add_prefix_space", usesRegex = "use_regex"
            case first = "cls", last = "sep"
        }
    }

    /// `["<s>", 0]`
    struct NamedToken: Decodable {
        let text: String
        let id: Int

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            text = try pair.decode(String.self)
            id = try pair.decode(Int.self)
        }
    }

    struct Model: Decodable {
        /// Absent in the first versions' files, which knew no other kind.
        let type: String?
        let dropout: Double?
        let prefix: String?
        let suffix: String?
        let fallsBackToBytes: Bool?
        let ignoresMerges: Bool?
        let vocabulary: [String: Int]
        let merges: [Merge]

        enum CodingKeys: String, CodingKey {
            case type, dropout, merges
            case prefix = "continuing_subword_prefix", suffix = "end_of_word_suffix"
            case fallsBackToBytes = "byte_fallback", ignoresMerges = "ignore_merges"
            case vocabulary = "vocab"
        }
    }

    /// `"a b"` in older files, `["a", "b"]` in newer ones.
    struct Merge: Decodable {
        let parts: [String]

        init(from decoder: any Decoder) throws {
            if let line = try? decoder.singleValueContainer().decode(String.self) {
                parts = MergesFile.parts(line)
            } else {
                parts = try [String](from: decoder)
            }
        }
    }

    let addedTokens: [SpecialTokenEntry]?
    let normalizer: Step?
    let preTokenizer: Step?
    let postProcessor: Step?
    let model: Model

    enum CodingKeys: String, CodingKey {
        case addedTokens = "added_tokens"
        case normalizer
        case preTokenizer = "pre_tokenizer", postProcessor = "post_processor"
        case model
    }
}

extension TokenizerFile {
    /// - Parameter path: of this file.
    func parts(_ path: String, padToken: String) throws(DalleError) -> TokenizerParts {
        try requireSupportedModel(path)
        let (first, last) = try framing(path)
        var vocabulary = model.vocabulary
        for token in addedTokens ?? [] {
            try token.requireSupported(TokenizerParts.Place(file: path, key: "added_tokens"))
            if let id = token.id { vocabulary[token.content] = id }
        }
        for token in [first, last] where vocabulary[token.text] != token.id {
            throw TokenizerParts.Place(file: path, key: "post_processor").error(
                "'\(token.text)' has the id \(token.id) here and another one or none in the vocabulary")
        }
        return TokenizerParts(
            vocabulary: vocabulary, vocabularyPlace: TokenizerParts.Place(file: path, key: "model.vocab"),
            merges: model.merges.map(\.parts), mergesPlace: TokenizerParts.Place(file: path, key: "model.merges"),
            specials: (addedTokens ?? []).map {
                TokenizerParts.Special(text: $0.content, stripsLeft: $0.stripsLeft ?? false)
            },
            beginToken: first.text, endToken: last.text, padToken: padToken)
    }

    private func requireSupportedModel(_ path: String) throws(DalleError) {
        func refuse(_ key: String, _ message: String, unless condition: Bool) throws(DalleError) {
            guard condition else { throw TokenizerParts.Place(file: path, key: key).error(message) }
        }
        try refuse("model.type", "is \(model.type ?? "missing"), expected BPE", unless: model.type ?? "BPE" == "BPE")
        try refuse("model.dropout", "makes ids random", unless: model.dropout ?? 0 == 0)
        try refuse("model.continuing_subword_prefix", "is not empty", unless: (model.prefix ?? "").isEmpty)
        try refuse("model.end_of_word_suffix", "is not empty", unless: (model.suffix ?? "").isEmpty)
        try refuse("model.byte_fallback", "is true, expected false", unless: model.fallsBackToBytes != true)
        try refuse("model.ignore_merges", "is true, expected false", unless: model.ignoresMerges != true)
        try refuse("normalizer", "is \(normalizer?.type ?? ""), expected null", unless: normalizer == nil)
        try refuse(
            "pre_tokenizer", "is \(preTokenizer?.type ?? "null"), expected ByteLevel",
            unless: preTokenizer?.type == "ByteLevel")
        try refuse(
            "pre_tokenizer.add_prefix_space", "is true, expected false", unless: preTokenizer?.addsPrefixSpace == false)
        try refuse("pre_tokenizer.use_regex", "is false, expected true", unless: preTokenizer?.usesRegex != false)
    }

    /// The tokens that are put before and after every text.
    private func framing(_ path: String) throws(DalleError) -> (first: NamedToken, last: NamedToken) {
        guard let postProcessor, ["RobertaProcessing", "BertProcessing"].contains(postProcessor.type),
            let first = postProcessor.first, let last = postProcessor.last
        else {
            throw TokenizerParts.Place(file: path, key: "post_processor").error(
                "is \(postProcessor?.type ?? "null"), expected RobertaProcessing with the tokens cls and sep")
        }
        return (first, last)
    }
}
