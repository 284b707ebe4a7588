public import DalleFormat
public import DalleModels

/// From what a user writes to what the text encoder takes.
public struct PromptTokenizer: Sendable {
    private let tokenizer: BPETokenizer
    private let normalizer: TextNormalizer?
    private let length: Int

    /// - Parameters:
    ///   - vocabulary: Tokens that the model has rows for.
    ///   - length: Tokens of a prompt, padding included.
    ///   - normalizes: Whether prompts pass the text normaliser.
    /// - Throws: `missingInput` when the file has no tokenizer, `badData` when it is damaged.
    public init(_ file: ModelFile, vocabulary: Int, length: Int, normalizes: Bool) throws(DalleError) {
        guard let tables = try TokenizerTables(file) else {
            throw DalleError(
                .missingInput, "holds no tokenizer, so it cannot read a prompt",
                remedy: "Convert again with the tokenizer's files beside the checkpoint, or with --tokenizer",
                file: file.path)
        }
        guard tables.tokens.count <= vocabulary else {
            throw DalleError(
                .badData,
                "its tokenizer has \(tables.tokens.count) tokens, and its model embeds \(vocabulary)",
                remedy: "Convert again with the model's own tokenizer",
                file: file.path)
        }
        tokenizer = try BPETokenizer(tables)
        normalizer =
            normalizes
            ? TextNormalizer(words: try WordList(file), table: try CharacterTable(file)) : nil
        self.length = length
    }

    /// The prompt as the model sees it.
    public func normalized(_ prompt: String) throws(DalleError) -> String {
        if let normalizer { try normalizer.normalize(prompt) } else { prompt }
    }

    /// The characters of a prompt that may be read otherwise than the model learned them, each once.
    public func unsureCharacters(_ prompt: String) -> [Unicode.Scalar] { normalizer?.unsureCharacters(prompt) ?? [] }

    /// The tokens of a prompt, padded.
    public func callAsFunction(_ prompt: String) throws(DalleError) -> TokenizedPrompt {
        tokenizer.encode(try normalized(prompt), paddedTo: length)
    }

    /// The prompt that says nothing, which guidance leads away from. It does not pass the normaliser: that would make
    /// a space of it.
    public var unconditional: TokenizedPrompt { tokenizer.encode("", paddedTo: length) }
}
