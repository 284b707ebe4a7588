import DalleConvert
import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

/// Tokenizer files in all their spellings, and files that are refused.
@Suite struct TokenizerImportTests {
    /// A copy of the fixture's files, to be changed.
    private struct Files {
        let directory: TemporaryDirectory

        init(_ names: String...) throws {
            directory = try TemporaryDirectory()
            for name in names {
                try FileManager.default.copyItem(
                    atPath: Fixtures.path("text/tokenizer/" + name), toPath: directory.path(name))
            }
        }

        /// Replaces all occurrences; there must be one.
        func replace(_ old: String, _ new: String, in name: String) throws {
            let url = directory.url.appending(path: name)
            let text = try String(contentsOf: url, encoding: .utf8)
            try #require(text.contains(old), "\(old) in \(name)")
            try Data(text.replacing(old, with: new).utf8).write(to: url)
        }

        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: directory.url.appending(path: name))
        }

        func read() throws(DalleError) -> TokenizerTables? {
            try TokenizerImport.read(directory: directory.url.path)
        }
    }

    private func reference() throws -> TokenizerTables {
        try #require(try TokenizerImport.read(directory: Fixtures.path("text/tokenizer")))
    }

    @Test func readsTokenizerFile() throws {
        let tables = try reference()
        #expect(tables.tokens.count == 1000)
        #expect(tables.beginToken == 0 && tables.padToken == 1 && tables.endToken == 2)
        #expect(tables.specials.map(\.text) == ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
        #expect(tables.specials.map(\.stripsLeft) == [false, false, false, false, true])
        #expect(tables.tokens[261] == Array(" a".utf8))
    }

    @Test func separateFilesAgree() throws {
        let reference = try reference()
        for names in [["special_tokens_map.json"], ["tokenizer_config.json"], []] {
            let files = try Files("vocab.json", "merges.txt")
            for name in names {
                try FileManager.default.copyItem(
                    atPath: Fixtures.path("text/tokenizer/" + name), toPath: files.directory.path(name))
            }
            let tables = try #require(try files.read())
            #expect(tables.tokens == reference.tokens)
            #expect(tables.merges == reference.merges)
            #expect(tables.specials == reference.specials)
            #expect(tables.beginToken == 0 && tables.padToken == 1 && tables.endToken == 2)
        }
    }

    @Test func readsMergesAsPairs() throws {
        let files = try Files("tokenizer.json")
        let merge = /^      "([^ "]+) ([^ "]+)"(,?)$/.anchorsMatchLineEndings()
        let url = files.directory.url.appending(path: "tokenizer.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        let pairs = text.replacing(merge) { "[\"\($0.1)\", \"\($0.2)\"]\($0.3)" }
        #expect(pairs != text)
        try Data(pairs.utf8).write(to: url)
        #expect(try files.read() == reference())
    }

    @Test func readsMergesWithWindowsLineEndsAndNumberSigns() throws {
        let files = try Files("vocab.json", "merges.txt")
        try files.replace("\n", "\r\n", in: "merges.txt")
        #expect(try files.read()?.merges == reference().merges)

        try files.replace("\"<s>\":0,", "\"<s>\":0,\"##\":1000,\"#version\":1001,", in: "vocab.json")
        for text in ["# #\n", "#version: 0.2\n# #\n", "#version: 0.2\r\n# #"] {
            try files.write(text, "merges.txt")
            #expect(try files.read()?.merges == [TokenizerTables.Merge(left: 7, right: 7, result: 1000)])
        }
    }

    @Test func nothingThere() throws {
        #expect(try TokenizerImport.read(directory: TemporaryDirectory().url.path) == nil)
        let error = try #require(throws: DalleError.self) { try Files("vocab.json").read() }
        #expect(error.code == .missingInput)
        #expect(error.file?.hasSuffix("merges.txt") == true)
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let file: String
        let old: String
        let new: String
        /// Key the message names.
        let key: String

        var testDescription: String { "\(key): \(new)" }
    }

    private static let tokenizerFile = [
        ("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model.type"),
        ("\"dropout\": null", "\"dropout\": 0.1", "model.dropout"),
        (
            "\"continuing_subword_prefix\": \"\"", "\"continuing_subword_prefix\": \"##\"",
            "model.continuing_subword_prefix"
        ),
        ("\"end_of_word_suffix\": \"\"", "\"end_of_word_suffix\": \"</w>\"", "model.end_of_word_suffix"),
        ("\"byte_fallback\": false", "\"byte_fallback\": true", "model.byte_fallback"),
        ("\"fuse_unk\": false", "\"ignore_merges\": true", "model.ignore_merges"),
        ("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "normalizer"),
        (
            "\"pre_tokenizer\": {\n    \"type\": \"ByteLevel\"", "\"pre_tokenizer\": {\"type\": \"Whitespace\"",
            "pre_tokenizer"
        ),
        (
            "\"add_prefix_space\": false,\n    \"trim_offsets\": true,\n    \"use_regex\": true",
            "\"add_prefix_space\": true", "pre_tokenizer.add_prefix_space"
        ),
        (
            "\"add_prefix_space\": false,\n    \"trim_offsets\": true,\n    \"use_regex\": true",
            "\"add_prefix_space\": false, \"use_regex\": false", "pre_tokenizer.use_regex"
        ),
        ("RobertaProcessing", "TemplateProcessing", "post_processor"),
        ("\"</s>\",\n      2", "\"</s>\", 3", "post_processor"),
        ("\"!\": 5", "\"!\": 1005", "model.vocab"),
        ("\"!\": 5", "\"!\": 6", "model.vocab"),
        ("\"!\": 5", "\"!\": \"five\"", "model.vocab.!"),
        ("\"!\": 5", "\"\u{3042}\": 5", "model.vocab"),
        ("\"\u{120} a\"", "\"\u{120} \u{3042}\"", "model.merges"),
        ("\"\u{120} a\"", "\"\u{120}a\"", "model.merges"),
        ("\"i n\"", "\"\u{120} a\"", "model.vocab"),
        ("\"lstrip\": true,\n      \"rstrip\": false", "\"rstrip\": true", "added_tokens"),
        ("\"single_word\": false", "\"single_word\": true", "added_tokens"),
    ].map { Change(file: "tokenizer.json", old: $0.0, new: $0.1, key: $0.2) }

    private static let otherFiles = [
        Change(
            file: "tokenizer_config.json", old: "\"add_prefix_space\": false", new: "\"add_prefix_space\": true",
            key: "add_prefix_space"),
        Change(file: "tokenizer_config.json", old: "DalleBartTokenizer", new: "T5Tokenizer", key: "tokenizer_class"),
        Change(file: "special_tokens_map.json", old: "\"<mask>\"", new: "\"<hidden>\"", key: "mask_token"),
        Change(file: "special_tokens_map.json", old: "\"rstrip\": false", new: "\"rstrip\": true", key: "_token"),
        Change(
            file: "special_tokens_map.json", old: "\"content\": \"<unk>\"", new: "\"contents\": \"<unk>\"",
            key: "unk_token.content"),
    ]

    @Test(arguments: tokenizerFile + otherFiles)
    func refuses(_ change: Change) throws {
        let files =
            change.file == "tokenizer.json"
            ? try Files("tokenizer.json")
            : try Files("vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json")
        try files.replace(change.old, change.new, in: change.file)
        let error = try #require(throws: DalleError.self) { try files.read() }
        #expect(error.code == .badData)
        #expect(error.file?.hasSuffix(change.file) == true, "\(error)")
        #expect(error.item?.hasSuffix(change.key) == true, "\(error)")
        #expect(error.remedy != nil, "\(error)")
    }

    @Test(arguments: ["", "[1, 2", "<!doctype html><html>", "{\"model\": 3}", "null", "\u{FEFF}{", "{\"a\":{\"a\":{"])
    func refusesWhatIsNoTokenizerFile(_ text: String) throws {
        let files = try Files()
        try files.write(text, "tokenizer.json")
        let error = try #require(throws: DalleError.self) { try files.read() }
        #expect(error.code == .badData)
        #expect(error.file?.hasSuffix("tokenizer.json") == true, "\(error)")
    }

    @Test func refusesBrokenMerges() throws {
        for text in ["#version: 0.2\n\u{120} a\n\ni n\n", "\u{120} a x\n", "\u{120}  a\n", "\u{120}\ta\n", "zz zz\n"] {
            let files = try Files("vocab.json")
            try files.write(text, "merges.txt")
            let error = try #require(throws: DalleError.self) { try files.read() }
            #expect(error.file?.hasSuffix("merges.txt") == true, "\(error)")
        }
        let files = try Files("vocab.json")
        try Data([0x23, 0xFF, 0xFE]).write(to: files.directory.url.appending(path: "merges.txt"))
        let error = try #require(throws: DalleError.self) { try files.read() }
        #expect(error.file?.hasSuffix("merges.txt") == true, "\(error)")
    }

    @Test func damagedFilesNeverTrap() throws {
        let whole = try Fixtures.data("text/tokenizer/tokenizer.json")
        let directory = try TemporaryDirectory()
        let url = directory.url.appending(path: "tokenizer.json")
        var random = SeededGenerator(seed: 5)
        for _ in 0..<30 {
            try whole.prefix(Int.random(in: 0..<(whole.count - 2), using: &random)).write(to: url)
            #expect(throws: DalleError.self) { try TokenizerImport.read(directory: directory.url.path) }
        }
        for _ in 0..<60 {
            var damaged = whole
            for _ in 0..<4 {
                damaged[Int.random(in: 0..<whole.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            try damaged.write(to: url)
            do {
                _ = try TokenizerImport.read(directory: directory.url.path)
            } catch {
                #expect(error.file?.hasSuffix("tokenizer.json") == true, "\(error)")
            }
        }
    }
}
