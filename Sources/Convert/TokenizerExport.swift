import DalleFormat

/// A tokenizer in the files `vocab.json`, `merges.txt` and `special_tokens_map.json`, as Hugging Face's libraries read.
struct TokenizerExport: Sendable {
    /// The directory of its files, by the part's name.
    let directory: String
    let files: [(name: String, content: String)]

    private static let wordEnd = "</w>"

    init(_ tables: TokenizerTables) {
        let specials = Dictionary(tables.specials.map { ($0.id, $0.text) }) { first, _ in first }
        let texts = tables.tokens.enumerated().map { id, bytes in
            specials[id] ?? ByteAlphabet.text(bytes) + (tables.wordEnds.contains(id) ? Self.wordEnd : "")
        }
        var vocabulary = MetadataMap()
        for (id, text) in texts.enumerated() { vocabulary[text] = .integer(id) }
        let merges = tables.merges.map { "\(texts[$0.left]) \(texts[$0.right])" }
        var map = MetadataMap([
            "cls_token": .text(texts[tables.beginToken]), "bos_token": .text(texts[tables.beginToken]),
            "sep_token": .text(texts[tables.endToken]), "eos_token": .text(texts[tables.endToken]),
            "pad_token": .text(texts[tables.padToken]),
        ])
        func record(_ special: TokenizerTables.Special) -> MetadataValue {
            [
                "content": .text(special.text), "lstrip": .bool(special.stripsLeft), "rstrip": false,
                "single_word": false, "normalized": false,
            ]
        }
        if let mask = tables.specials.first(where: { $0.text == "<mask>" }) { map["mask_token"] = record(mask) }
        map["additional_special_tokens"] = .list(tables.specials.filter { $0.text != "<mask>" }.map(record))
        directory = tables.componentName
        files = [
            ("vocab.json", MetadataValue.map(vocabulary).json() + "\n"),
            ("merges.txt", (["#version: 0.2"] + merges).joined(separator: "\n") + "\n"),
            ("special_tokens_map.json", MetadataValue.map(map).json(indentation: 0) + "\n"),
        ].map { ("\(tables.componentName)/\($0.0)", $0.1) }
    }
}
