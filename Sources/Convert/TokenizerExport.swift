import DalleFormat
import DalleModels

/// A tokenizer in the files that Hugging Face's libraries write.
///
/// `tokenizer.json` with `tokenizer_config.json`, as transformers 5 does, and `vocab.json`, `merges.txt` and
/// `special_tokens_map.json`, which earlier ones read too. Special tokens are plain texts there: records are read by each
/// line of releases in another place only. What else there is to say of them stands under `added_tokens_decoder`.
struct TokenizerExport: Sendable {
    /// The directory of its files, by the part's name.
    let directory: String
    private(set) var files: [(name: String, content: String)] = []

    private let tables: TokenizerTables
    private let texts: [String]
    private var isCLIP: Bool { !tables.wordEnds.isEmpty }

    private static let wordEnd = "</w>"

    init(_ tables: TokenizerTables) {
        self.tables = tables
        let specials = Dictionary(tables.specials.map { ($0.id, $0.text) }) { first, _ in first }
        texts = tables.tokens.enumerated().map { id, bytes in
            specials[id] ?? ByteAlphabet.text(bytes) + (tables.wordEnds.contains(id) ? Self.wordEnd : "")
        }
        directory = tables.componentName
        var vocabulary = MetadataMap()
        for (id, text) in texts.enumerated() { vocabulary[text] = .integer(id) }
        let merges = tables.merges.map { "\(texts[$0.left]) \(texts[$0.right])" }
        let written: [(String, MetadataValue, Int?)] = [
            ("vocab.json", .map(vocabulary), nil), ("special_tokens_map.json", .map(roles), 0),
            ("tokenizer_config.json", .map(settings), 0),
            ("tokenizer.json", .map(pipeline(vocabulary, merges)), nil),
        ]
        let directory = directory
        files =
            written.map { ("\(directory)/\($0.0)", $0.1.json(indentation: $0.2) + "\n") } + [
                ("\(directory)/merges.txt", (["#version: 0.2"] + merges).joined(separator: "\n") + "\n")
            ]
    }

    /// The special tokens by their tasks, and those that have none.
    private var roles: MetadataMap {
        var map = MetadataMap([
            "bos_token": .text(texts[tables.beginToken]), "eos_token": .text(texts[tables.endToken]),
            "pad_token": .text(texts[tables.padToken]),
        ])
        if isCLIP {
            map["unk_token"] = .text(texts[tables.endToken])
        } else {
            map["cls_token"] = .text(texts[tables.beginToken])
            map["sep_token"] = .text(texts[tables.endToken])
            for (key, text) in [("unk_token", "<unk>"), ("mask_token", "<mask>")] {
                if tables.specials.contains(where: { $0.text == text }) { map[key] = .text(text) }
            }
        }
        let named = Set([tables.beginToken, tables.endToken, tables.padToken].map { texts[$0] } + ["<unk>", "<mask>"])
        let others = tables.specials.map(\.text).filter { !named.contains($0) }
        if !others.isEmpty { map["additional_special_tokens"] = .list(others.map { .text($0) }) }
        return map
    }

    private var settings: MetadataMap {
        var map = roles
        map["tokenizer_class"] = .text(isCLIP ? "CLIPTokenizer" : "BartTokenizer")
        if !isCLIP { map["add_prefix_space"] = false }
        var decoder = MetadataMap()
        for special in tables.specials { decoder["\(special.id)"] = record(special) }
        map["added_tokens_decoder"] = .map(decoder)
        return map
    }

    private func record(_ special: TokenizerTables.Special) -> MetadataValue {
        [
            "content": .text(special.text), "lstrip": .bool(special.stripsLeft), "rstrip": false,
            "single_word": false, "normalized": false, "special": true,
        ]
    }

    /// Every step from a text to its ids.
    private func pipeline(_ vocabulary: MetadataMap, _ merges: [String]) -> MetadataMap {
        let tokens: [MetadataValue] = tables.specials.map { special in
            guard case .map(var map) = record(special) else { return record(special) }
            map["id"] = .integer(special.id)
            return .map(map)
        }
        func token(_ id: Int) -> MetadataValue { .list([.text(texts[id]), .integer(id)]) }
        let bytes: MetadataValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        var model = MetadataMap([
            "type": "BPE", "continuing_subword_prefix": "", "fuse_unk": false, "byte_fallback": false,
            "end_of_word_suffix": .text(isCLIP ? Self.wordEnd : ""), "vocab": .map(vocabulary),
            "merges": .list(merges.map { .text($0) }),
        ])
        var map = MetadataMap([
            "version": "1.0", "added_tokens": .list(tokens), "pre_tokenizer": bytes,
            "post_processor": [
                "type": "RobertaProcessing", "cls": token(tables.beginToken), "sep": token(tables.endToken),
                "trim_offsets": .bool(!isCLIP), "add_prefix_space": false,
            ],
            "decoder": bytes,
        ])
        if isCLIP {
            model["unk_token"] = .text(texts[tables.endToken])
            map["normalizer"] = [
                "type": "Sequence",
                "normalizers": [
                    ["type": "NFC"], ["type": "Replace", "pattern": ["Regex": "\\s+"], "content": " "],
                    ["type": "Lowercase"],
                ],
            ]
            let cut: MetadataValue = [
                "type": "Split", "behavior": "Removed", "invert": true, "pattern": ["Regex": .text(Self.words)],
            ]
            map["pre_tokenizer"] = ["type": "Sequence", "pretokenizers": [cut, bytes]]
        }
        map["model"] = .map(model)
        return map
    }

    /// How CLIP cuts a text into words.
    private static let words =
        #"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
}
