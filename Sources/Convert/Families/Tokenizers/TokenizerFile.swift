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
        /// Of a `Split`: where it cuts, and what becomes of what it finds.
        let pattern: [String: String]?
        let behavior: String?
        let isInverted: Bool?
        /// Of a `TemplateProcessing`: what a text is put between.
        let single: [[String: TemplatePiece]]?
        let templateTokens: [String: TemplateToken]?
        /// Of a `Sequence`.
        private let normalizers: [Step]?
        private let preTokenizers: [Step]?
        private let processors: [Step]?

        enum CodingKeys: String, CodingKey {
            case type, pattern, behavior, single, normalizers, processors
            case addsPrefixSpace = "add_prefix_space", usesRegex = "use_regex"
            case first = "cls", last = "sep"
            case isInverted = "invert"
            case templateTokens = "special_tokens"
            case preTokenizers = "pretokenizers"
        }

        /// The steps of a sequence, one after the other, or this one alone.
        var steps: [Step] {
            guard type == "Sequence" else { return [self] }
            return (normalizers ?? preTokenizers ?? processors ?? []).flatMap(\.steps)
        }
    }

    struct TemplatePiece: Decodable {
        let id: String
    }

    struct TemplateToken: Decodable {
        let ids: [Int]
        let tokens: [String]
    }

    /// `["<s>", 0]`
    struct NamedToken: Decodable {
        let text: String
        let id: Int

        init(text: String, id: Int) {
            self.text = text
            self.id = id
        }

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
        let normalizers = normalizer?.steps ?? []
        try refuse("normalizer", "is \(normalizers.first?.type ?? ""), expected null", unless: normalizers.isEmpty)
        var cutting = preTokenizer?.steps ?? []
        let bytes = cutting.popLast()
        try refuse(
            "pre_tokenizer", "is \(cutting.first?.type ?? bytes?.type ?? "null"), expected ByteLevel",
            unless: bytes?.type == "ByteLevel" && (cutting.isEmpty || cutting.count == 1 && cutting[0].type == "Split"))
        try refuse(
            "pre_tokenizer.add_prefix_space", "is true, expected false", unless: bytes?.addsPrefixSpace == false)
        guard let split = cutting.first else {
            try refuse("pre_tokenizer.use_regex", "is false, expected true", unless: bytes?.usesRegex != false)
            return
        }
        // What the last step does by itself, spelled out.
        try refuse("pre_tokenizer.use_regex", "is true after a Split", unless: bytes?.usesRegex == false)
        try refuse(
            "pre_tokenizer.pattern", "is another than GPT-2's",
            unless: split.pattern == ["Regex": Self.words] && split.isInverted != true
                && ["Isolated", "isolated"].contains(split.behavior))
    }

    /// How GPT-2 cuts a text into words.
    private static let words = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// The one token before and the one after every text, if that is what is put there.
    var framing: (first: NamedToken, last: NamedToken)? {
        // ByteLevel moves offsets only.
        let steps = (postProcessor?.steps ?? []).filter { $0.type != "ByteLevel" }
        return steps.count == 1 ? steps[0].framing : nil
    }

    private func framing(_ path: String) throws(DalleError) -> (first: NamedToken, last: NamedToken) {
        if let framing { return framing }
        throw TokenizerParts.Place(file: path, key: "post_processor").error(
            "is \(postProcessor?.type ?? "null"), expected RobertaProcessing with the tokens cls and sep, "
                + "or another that puts one token before and one after a text")
    }
}

extension TokenizerFile.Step {
    /// The one token before and the one after a text, if the step puts them there and does nothing else.
    fileprivate var framing: (first: TokenizerFile.NamedToken, last: TokenizerFile.NamedToken)? {
        switch type {
        case "RobertaProcessing", "BertProcessing":
            guard let first, let last else { return nil }
            return (first, last)
        case "TemplateProcessing":
            guard let single, single.count == 3, single[1]["Sequence"]?.id == "A", let first = token(single[0]),
                let last = token(single[2])
            else { return nil }
            return (first, last)
        default: return nil
        }
    }

    private func token(_ piece: [String: TokenizerFile.TemplatePiece]) -> TokenizerFile.NamedToken? {
        guard let name = piece["SpecialToken"]?.id, let token = templateTokens?[name], token.ids.count == 1,
            token.tokens.count == 1
        else { return nil }
        return TokenizerFile.NamedToken(text: token.tokens[0], id: token.ids[0])
    }
}
