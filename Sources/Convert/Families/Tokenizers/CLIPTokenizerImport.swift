import DalleFormat
import DalleModels

/// Reads CLIP's tokenizer as Hugging Face's libraries save it (tokenizer.json, or vocab.json with merges.txt) or from
/// OpenAI's list of byte pairs.
enum CLIPTokenizerImport {
    private static let wordEnd = "</w>"
    private static let begin = "<|startoftext|>"
    private static let end = "<|endoftext|>"

    private static let pairNames = ["bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"]

    /// The part for a model file; nil when the directory has no tokenizer.
    ///
    /// - Parameters:
    ///   - vocabulary: OpenAI's list, instead of what the directory holds.
    ///   - embedded: Tokens that the model embeds: of OpenAI's list so many are made.
    /// - Throws: `badData` naming file and key when a tokenizer is there and not of this kind.
    static func read(directory: String, vocabulary pairs: String? = nil, embedded: Int) throws(DalleError)
        -> ImportedComponent?
    {
        let found = pairNames.lazy.map { "\(directory)/\($0)" }.first { PathKind($0) == .file }
        let (whole, vocabulary) = ("\(directory)/tokenizer.json", "\(directory)/vocab.json")
        let parts: TokenizerParts
        var files = [whole]
        if let pairs = pairs ?? (PathKind(whole) == .file || PathKind(vocabulary) == .file ? nil : found) {
            parts = try fromPairs(pairs, embedded: embedded)
            files = [pairs]
        } else if PathKind(whole) == .file {
            parts = try fromTokenizerFile(whole)
        } else if PathKind(vocabulary) == .file {
            let merges = "\(directory)/merges.txt"
            files = [vocabulary, merges]
            parts = self.parts(
                try JSONFile.decode([String: Int].self, vocabulary), .init(file: vocabulary),
                try MergesFile.read(merges), .init(file: merges))
        } else {
            return nil
        }
        let tables = try TokenizerTables(parts)
        guard tables.tokens.count <= embedded else {
            throw DalleError(
                .badData, "has \(tables.tokens.count) tokens, and the model embeds \(embedded)",
                remedy: "Give the model's own tokenizer", file: files[0])
        }
        return ImportedComponent(
            component: tables.component,
            tensors: try tables.tensors().map { .init(name: $0.name, source: $0.source, isWeight: false) },
            files: files)
    }

    /// Letters, letters that end a word, then what each pair makes, then begin and end; upstream: `SimpleTokenizer`.
    private static func fromPairs(_ path: String, embedded: Int) throws(DalleError) -> TokenizerParts {
        let letters = ByteAlphabet.letters.map { String($0) }
        let singles = letters + letters.map { $0 + wordEnd }
        // The first line may be a title; the list goes on after what is used.
        let wanted = embedded - singles.count - 2
        var lines = try MergesFile.read(path)
        if let first = lines.first, first.joined().contains("#version") { lines.removeFirst() }
        guard wanted >= 0, lines.count >= wanted else {
            throw DalleError(
                .badData, "has \(lines.count) pairs, and a model that embeds \(embedded) tokens needs \(wanted)",
                remedy: "Give OpenAI's bpe_simple_vocab_16e6.txt.gz", file: path)
        }
        let merges = Array(lines.prefix(wanted))
        let tokens = singles + merges.map { $0.joined() } + [begin, end]
        return parts(
            Dictionary(zip(tokens, 0...)) { first, _ in first }, .init(file: path), merges, .init(file: path))
    }

    private static func fromTokenizerFile(_ path: String) throws(DalleError) -> TokenizerParts {
        let file = try JSONFile.decode(TokenizerFile.self, path)
        guard file.model.suffix == wordEnd else {
            throw TokenizerParts.Place(file: path, key: "model.end_of_word_suffix").error(
                "is \(file.model.suffix ?? "null"), expected \(wordEnd)", remedy: "Give CLIP's own tokenizer")
        }
        // The steps that the runtime's tokenizer takes, which is CLIP's own.
        let steps = file.normalizer?.steps.map(\.type) ?? []
        guard steps.contains("Lowercase"), Set(steps).isSubset(of: ["NFC", "Replace", "Lowercase"]) else {
            throw TokenizerParts.Place(file: path, key: "normalizer").error(
                "is \(steps.isEmpty ? "null" : steps.joined(separator: ", ")), expected NFC, Replace, Lowercase",
                remedy: "Give CLIP's own tokenizer")
        }
        guard file.preTokenizer?.steps.last?.type == "ByteLevel" else {
            throw TokenizerParts.Place(file: path, key: "pre_tokenizer").error(
                "is \(file.preTokenizer?.type ?? "null"), expected ByteLevel after CLIP's words",
                remedy: "Give CLIP's own tokenizer")
        }
        if let framing = file.framing, [framing.first.text, framing.last.text] != [begin, end] {
            throw TokenizerParts.Place(file: path, key: "post_processor").error(
                "puts a text between '\(framing.first.text)' and '\(framing.last.text)', expected \(begin) and \(end)",
                remedy: "Give CLIP's own tokenizer")
        }
        var vocabulary = file.model.vocabulary
        for token in file.addedTokens ?? [] {
            if let id = token.id { vocabulary[token.content] = id }
        }
        return parts(
            vocabulary, .init(file: path, key: "model.vocab"), file.model.merges.map(\.parts),
            .init(file: path, key: "model.merges"))
    }

    private static func parts(
        _ vocabulary: [String: Int], _ vocabularyPlace: TokenizerParts.Place, _ merges: [[String]],
        _ mergesPlace: TokenizerParts.Place
    ) -> TokenizerParts {
        TokenizerParts(
            vocabulary: vocabulary, vocabularyPlace: vocabularyPlace, merges: merges, mergesPlace: mergesPlace,
            wordEnd: wordEnd, specials: [begin, end].map { .init(text: $0, stripsLeft: false) }, beginToken: begin,
            endToken: end, padToken: end)
    }
}
