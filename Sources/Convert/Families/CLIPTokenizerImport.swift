import DalleFormat

/// Reads CLIP's tokenizer as Hugging Face's libraries save it: tokenizer.json, or vocab.json with merges.txt.
enum CLIPTokenizerImport {
    private static let wordEnd = "</w>"
    private static let begin = "<|startoftext|>"
    private static let end = "<|endoftext|>"

    /// The part for a model file; nil when the directory has no tokenizer.
    ///
    /// - Throws: `badData` naming file and key when a tokenizer is there and not of this kind.
    static func read(directory: String) throws(DalleError) -> ImportedPart? {
        let (whole, vocabulary) = ("\(directory)/tokenizer.json", "\(directory)/vocab.json")
        let parts: TokenizerParts
        var files = [whole]
        if PathKind(whole) == .file {
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
        return ImportedPart(
            component: tables.component,
            tensors: try tables.tensors().map { .init(name: $0.name, source: $0.source, isWeight: false) },
            files: files)
    }

    private static func fromTokenizerFile(_ path: String) throws(DalleError) -> TokenizerParts {
        let file = try JSONFile.decode(TokenizerFile.self, path)
        guard file.model.suffix == wordEnd else {
            throw TokenizerParts.Place(file: path, key: "model.end_of_word_suffix").error(
                "is \(file.model.suffix ?? "null"), expected \(wordEnd)", remedy: "Give CLIP's own tokenizer")
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
