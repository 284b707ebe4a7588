import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

/// Texts from files and command lines do nothing to a terminal.
@Suite struct ControlCharacterTests {
    /// Sets a window's title, moves the cursor, turns the direction of writing.
    private static let text = "x\u{1b}]0;title\u{7}\u{9b}2J\u{202e}\u{7f}\r\u{85}y"
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || !PlainText.disturbs($0) }
    }

    @Test func inspectShowsThem() throws {
        let text = Self.text
        let writer = try ModelFileWriter(directory.path("bad.dalle"), replacing: false, threads: 1)
        try writer.add("words.\(text)", BytesSource([1, 2, 3]), compression: .none)
        var provenance = Provenance()
        provenance.add(Provenance.Source(name: text, byteCount: 1, digest: Digest(of: [])))
        provenance.add(Provenance.Step(text, options: MetadataMap([text: .text(text)])))
        try writer.finish(
            metadata: provenance.metadata,
            components: [
                Component(
                    name: "words", kind: .wordFrequencies,
                    configuration: MetadataMap([text: .text(text), "list": .list([.text(text)])]))
            ])
        for command in [
            ["inspect", "bad.dalle", "--tensors"], ["inspect", "bad.dalle", "--tensors", "--json"],
            ["check", "bad.dalle", "--json"], ["export", "bad.dalle", "-o", "exported"],
        ] {
            let result = try Command("dalle-convert", command, in: directory.url)
            #expect(isPlain(result.output) && isPlain(result.error), "\(command)")
        }
        let inspect = try Command("dalle-convert", ["inspect", "bad.dalle", "--tensors"], in: directory.url)
        #expect(inspect.output.contains("words.x\\u{1b}]0;title\\u{7}\\u{9b}2J\\u{202e}\\u{7f}\\u{d}\\u{85}y"))
        // Programs get the text itself.
        let json = try Command("dalle-convert", ["inspect", "bad.dalle", "--tensors", "--json"], in: directory.url)
        let tensors = try #require(try json.json()["tensors"] as? [[String: Any]])
        #expect(tensors.first?["name"] as? String == "words.\(text)")
    }

    @Test func messagesShowThem() throws {
        let model = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "-o", "demo.model",
                "--quiet",
            ], in: directory.url)
        #expect(model.status == 0)
        let text = Self.text
        try (Array(repeating: "a red \(text) circle", count: 30).joined(separator: " ")).write(
            toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
        for arguments in [
            ["demo.model", "--prompts", "p.txt", "--seed", "1", "-o", "\(text).png"],
            ["demo.model", "a cat", "-o", "\(text)/a.png"], ["\(text)", "a cat"], ["demo.model", "a cat", "--\(text)"],
            ["demo.model", "a cat", "--seed", text], ["verify", "demo.model", "--reference", text],
        ] {
            let result = try Command("dalle-run", arguments, in: directory.url)
            #expect(isPlain(result.output) && isPlain(result.error), "\(arguments): \(result.output) \(result.error)")
            #expect((result.output + result.error).contains("\\u{1b}"), "\(arguments)")
        }
    }

    @Test func longPromptsAreShortenedAndLostWordsNamed() throws {
        let model = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "-o", "demo.model",
                "--quiet",
            ], in: directory.url)
        #expect(model.status == 0)
        let prompt = Array(repeating: "a red circle", count: 20).joined(separator: " ") + " and a blue square"
        let command = try Command(
            "dalle-run", ["demo.model", prompt, "--seed", "1", "-o", "a.png"], in: directory.url)
        #expect(command.error.contains("only the first 24 tokens of 'a red circle a red"), "\(command.error)")
        #expect(command.error.contains("…") && command.error.contains("blue square'"), "\(command.error)")
        #expect(command.error.split(separator: "\n").allSatisfy { $0.count < 250 })
    }
}
