import TestSupport
import Testing

/// Codes on standard output, and what else `-` stands for.
@Suite struct CodesStreamTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
    }

    private func shell(_ script: String) throws -> Command { try Command(shell: script, in: directory.url) }

    @Test func theyAreWhatAFileWouldHold() throws {
        let draw = "dalle-run demo.model red --seed 1 --force -o a.png --tokens-out"
        let command = try shell("\(draw) a.json && \(draw) - > b.json && echo >> a.json && cmp a.json b.json")
        #expect(command.status == 0, "\(command.error)")
        #expect(command.error.contains("a.png: seed 1"))
    }

    @Test(arguments: ["dalle-run demo.model red --json", "dalle-run demo.model red -o -"])
    func nothingElseGoesThere(_ command: String) throws {
        let refused = try shell("\(command) --tokens-out - > out")
        #expect(refused.status == 64 && refused.error.contains("standard output"), "\(refused.error)")
    }

    @Test func aReportIsPrintedByAnotherOption() throws {
        let refused = try shell("dalle-quant --int8 demo.model --report -")
        #expect(refused.status == 64 && refused.error.contains("--json prints the report"), "\(refused.error)")
        #expect(directory.contents == ["demo.model"])
    }
}
