import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// Tokenizers are told by what their files do, whichever program wrote them, and come back as they were exported.
@Suite struct TokenizerEffectTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func object(_ name: String) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Fixtures.data("text/tokenizer/\(name)")) as? [String: Any])
    }

    private func write(_ object: [String: Any], _ name: String) throws {
        try JSONSerialization.data(withJSONObject: object).write(to: directory.url.appending(path: name))
    }

    private func read() throws -> TokenizerTables? { try TokenizerImport.read(directory: directory.url.path) }

    private func reference() throws -> TokenizerTables {
        try #require(try TokenizerImport.read(directory: Fixtures.path("text/tokenizer")))
    }

    private static let bytes =
        #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"#
    private static let bytesAlone = #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}"#
    private static func split(_ pattern: String) -> String {
        let quoted = pattern.replacing("\\", with: "\\\\")
        return #"{"type": "Split", "pattern": {"Regex": "\#(quoted)"}, "behavior": "Isolated", "invert": false}"#
    }
    private static let words = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    private static func template(_ pieces: String) -> String {
        """
        {"type": "TemplateProcessing", "single": [\(pieces)], "pair": [], "special_tokens": {
          "<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]},
          "two": {"id": "two", "ids": [0, 0], "tokens": ["<s>", "<s>"]}}}
        """
    }
    private static func special(_ name: String) -> String { #"{"SpecialToken": {"id": "\#(name)", "type_id": 0}}"# }
    private static let text = #"{"Sequence": {"id": "A", "type_id": 0}}"#
    private static let frame = template("\(special("<s>")), \(text), \(special("</s>"))")

    /// Other steps with the same effect, as transformers 4.57 and 5.24 write them.
    static let equal = [
        ("normalizer", #"{"type": "Sequence", "normalizers": []}"#), ("post_processor", frame),
        ("post_processor", #"{"type": "Sequence", "processors": [\#(bytes), \#(frame)]}"#),
        ("post_processor", #"{"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}"#),
        ("pre_tokenizer", #"{"type": "Sequence", "pretokenizers": [\#(bytes)]}"#),
        ("pre_tokenizer", #"{"type": "Sequence", "pretokenizers": [\#(split(words)), \#(bytesAlone)]}"#),
    ]

    @Test(arguments: equal)
    func otherStepsWithTheSameEffect(_ key: String, _ step: String) throws {
        var file = try object("tokenizer.json")
        file[key] = try JSONSerialization.jsonObject(with: Data(step.utf8))
        try write(file, "tokenizer.json")
        #expect(try read() == reference())
    }

    static let different = [
        ("normalizer", #"{"type": "Sequence", "normalizers": [{"type": "NFKC"}]}"#),
        ("post_processor", template("\(special("<s>")), \(text)")),
        ("post_processor", template("\(special("two")), \(text), \(special("</s>"))")),
        ("post_processor", template("\(text), \(special("<s>")), \(special("</s>"))")),
        ("post_processor", #"{"type": "Sequence", "processors": [\#(frame), \#(frame)]}"#),
        ("post_processor", bytes), ("pre_tokenizer", #"{"type": "Sequence", "pretokenizers": []}"#),
        ("pre_tokenizer", #"{"type": "Sequence", "pretokenizers": [\#(split(#"\p{N}"#)), \#(bytesAlone)]}"#),
        ("pre_tokenizer", #"{"type": "Sequence", "pretokenizers": [\#(split(words)), \#(bytes)]}"#),
        ("pre_tokenizer", #"{"type": "Sequence", "pretokenizers": [{"type": "Digits"}, \#(bytes)]}"#),
    ]

    @Test(arguments: different)
    func stepsWithAnotherEffectAreRefused(_ key: String, _ step: String) throws {
        var file = try object("tokenizer.json")
        file[key] = try JSONSerialization.jsonObject(with: Data(step.utf8))
        try write(file, "tokenizer.json")
        let error = try dalleError { try read() }
        #expect(error.item?.hasPrefix(key) == true && error.code == .badData, "\(error)")
    }

    /// Beside a tokenizer.json the class that wrote it says nothing.
    @Test(arguments: [
        "TokenizersBackend", "PreTrainedTokenizerFast", "RobertaTokenizer", "BartTokenizerFast", "GPT2Tokenizer",
    ])
    func theClassSaysNothingBesideATokenizerFile(_ name: String) throws {
        try write(try object("tokenizer.json"), "tokenizer.json")
        // As transformers 5.24 saves it.
        try write(
            [
                "tokenizer_class": name, "backend": "tokenizers", "bos_token": "<s>", "eos_token": "</s>",
                "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
                "mask_token": "<mask>", "add_prefix_space": false, "model_max_length": 1_000_000, "is_local": true,
            ], "tokenizer_config.json")
        #expect(try read() == reference())
    }

    static let disagreeing: [(key: String, value: any Sendable)] = [
        ("cls_token", "</s>"), ("sep_token", "<s>"), ("pad_token", "<hidden>"), ("unk_token", "[UNK]"),
        ("mask_token", ["content": "<mask>", "lstrip": false] as [String: any Sendable]),
        ("additional_special_tokens", ["<extra>"]),
        ("additional_special_tokens", [["content": "<extra>", "lstrip": false] as [String: any Sendable]]),
        ("extra_special_tokens", ["<extra>"]), ("extra_special_tokens", ["image_token": "<image>"]),
        ("added_tokens_decoder", ["7": ["content": "<s>", "lstrip": false] as [String: any Sendable]]),
        ("added_tokens_decoder", ["4": ["content": "<mask>", "lstrip": false] as [String: any Sendable]]),
        ("add_prefix_space", true), ("split_special_tokens", true), ("add_bos_token", false), ("add_eos_token", true),
    ]

    @Test(arguments: disagreeing.indices)
    func aConfigurationThatDisagreesIsRefused(_ index: Int) throws {
        let (key, value) = Self.disagreeing[index]
        try write(try object("tokenizer.json"), "tokenizer.json")
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            try write([key: value, "tokenizer_class": "TokenizersBackend"], name)
            let error = try dalleError { try read() }
            #expect(error.item == key && error.file?.hasSuffix(name) == true, "\(error)")
            try FileManager.default.removeItem(atPath: directory.path(name))
        }
    }

    /// Records and plain texts say the same of further special tokens; which of them strip the space before is kept.
    @Test func furtherSpecialTokensAreRecordsOrTexts() throws {
        for name in ["vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                atPath: Fixtures.path("text/tokenizer/\(name)"), toPath: directory.path(name))
        }
        var vocabulary = try object("vocab.json")
        vocabulary["<extra>"] = 1000
        try write(vocabulary, "vocab.json")
        try write(["additional_special_tokens": ["<extra>"]], "special_tokens_map.json")
        let plain = try read()
        #expect(plain?.specials.last == .init(id: 1000, text: "<extra>", stripsLeft: false))
        try write(
            ["additional_special_tokens": [["content": "<extra>", "lstrip": false, "special": true]]],
            "special_tokens_map.json")
        #expect(try read() == plain)
    }

    // MARK: Export

    private func exported(_ tables: TokenizerTables) throws -> String {
        let export = TokenizerExport(tables)
        let target = directory.path("exported")
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.createDirectory(
            atPath: "\(target)/\(export.directory)", withIntermediateDirectories: true)
        for file in export.files {
            try file.content.write(toFile: "\(target)/\(file.name)", atomically: true, encoding: .utf8)
        }
        #expect(
            export.files.map { String($0.name.split(separator: "/")[1]) }.sorted() == [
                "merges.txt", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
            ])
        return "\(target)/\(export.directory)"
    }

    @Test func whatIsExportedIsTheSameTokenizer() throws {
        var tables = try reference()
        for isFurther in [false, true] {
            if isFurther {
                tables.tokens.append(Array("<extra>".utf8))
                tables.specials.append(.init(id: 1000, text: "<extra>", stripsLeft: false))
            }
            let path = try exported(tables)
            #expect(try TokenizerImport.read(directory: path) == tables)
            let config = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: "\(path)/tokenizer_config.json")))
                    as? [String: Any])
            #expect(config["tokenizer_class"] as? String == "BartTokenizer")
            #expect(config["additional_special_tokens"] as? [String] == (isFurther ? ["<extra>"] : nil))
            // Earlier releases' files alone.
            for name in ["tokenizer.json", "tokenizer_config.json"] {
                try FileManager.default.removeItem(atPath: "\(path)/\(name)")
                #expect(try TokenizerImport.read(directory: path) == tables, "without \(name)")
            }
        }
    }

    @Test func anExportedTokenizerOfCLIPIsTheSame() throws {
        let source = Fixtures.path("demo/clip")
        let part = try #require(try CLIPTokenizerImport.read(directory: source, embedded: 605))
        let model = directory.path("clip.dalle")
        _ = try ModelAssembly().write([part], to: model, step: "test")
        let tables = try #require(try TokenizerTables(try ModelFile(model), kind: .clipBPE))
        let path = try exported(tables)
        for name in ["", "tokenizer.json"] {
            if !name.isEmpty { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
            let again = try #require(try CLIPTokenizerImport.read(directory: path, embedded: 605))
            #expect(again.component == part.component)
            for (a, b) in zip(again.tensors, part.tensors) { #expect(try a.source.bytes() == b.source.bytes()) }
        }
    }

    @Test(arguments: [
        ("Lowercase", "Strip", "normalizer"), ("ByteLevel", "Whitespace", "pre_tokenizer"),
        ("\"cls\"", "\"cls_\"", ""), ("[\"<|startoftext|>\",603]", "[\"<|endoftext|>\",604]", "post_processor"),
    ])
    func anotherTokenizerThanCLIPsIsRefused(_ old: String, _ new: String, _ key: String) throws {
        let whole = try JSONSerialization.jsonObject(with: Fixtures.data("demo/clip/tokenizer.json"))
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: whole, options: .withoutEscapingSlashes), as: UTF8.self
        )
        try #require(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: directory.url.appending(path: "tokenizer.json"))
        guard !key.isEmpty else {
            #expect(try CLIPTokenizerImport.read(directory: directory.url.path, embedded: 605) != nil)
            return
        }
        let error = try dalleError { try CLIPTokenizerImport.read(directory: directory.url.path, embedded: 605) }
        #expect(error.item == key, "\(error)")
    }
}
