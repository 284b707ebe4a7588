import Foundation
import TestSupport
import Testing

/// Prompts from wherever a shell can take them, in whatever a text editor saves.
@Suite struct PromptInputTests {
    private let directory: TemporaryDirectory
    private static let text = "a red circle\na blue square\n"

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
    }

    /// The prompts that were drawn.
    private func drawn(_ arguments: [String], input: Data? = nil) throws -> [String] {
        let command = try Command(
            "dalle-run", ["demo.model"] + arguments + ["--seed", "1", "--json", "--force", "-o", "a.png"],
            in: directory.url, input: input)
        #expect(command.status == 0, "\(command.error)")
        return (try command.json()["images"] as? [[String: Any]] ?? []).compactMap { $0["prompt"] as? String }
    }

    @Test func standardInputIsTaken() throws {
        let prompts = ["a red circle", "a blue square"]
        #expect(try drawn(["--prompts", "-"], input: Data(Self.text.utf8)) == prompts)
        #expect(try drawn(["--prompts", "/dev/stdin"], input: Data(Self.text.utf8)) == prompts)
        let wide = try #require(Self.text.replacing("\n", with: "\r\n").data(using: .utf16))
        #expect(try drawn(["--prompts", "-"], input: wide) == prompts)
        #expect(try drawn(["-"], input: Data("a red circle\n".utf8)) == ["a red circle"])
        #expect(try drawn(["-"], input: Data(Self.text.utf8)) == ["a red circle a blue square"])
    }

    @Test func pipesAreWaitedFor() throws {
        let path = directory.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread { try? Data(Self.text.utf8).write(to: URL(filePath: path)) }
        writer.start()
        #expect(try drawn(["--prompts", path]) == ["a red circle", "a blue square"])
    }

    @Test func marksAreNoPartOfThePrompt() throws {
        try Data([0xEF, 0xBB, 0xBF] + Array("a red circle\r\n".utf8)).write(to: directory.url.appending(path: "p.txt"))
        #expect(try drawn(["--prompts", "p.txt"]) == ["a red circle"])
    }

    @Test func whatIsNoTextIsRefused() throws {
        for (input, message) in [
            (Data(), "holds no prompt"),
            (Data("a\n\n\u{e9}\n".unicodeScalars.map { UInt8($0.value) }), "line 3 is not UTF-8"),
        ] {
            let command = try Command(
                "dalle-run", ["demo.model", "--prompts", "-", "-o", "b.png"], in: directory.url, input: input)
            #expect(command.status == 65 && command.error.contains("standard input: \(message)"), "\(command.error)")
        }
    }
}
