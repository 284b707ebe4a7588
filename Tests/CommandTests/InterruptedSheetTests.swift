import Foundation
import TestSupport
import Testing

/// What is finished of a sheet outlives an interruption.
@Suite struct InterruptedSheetTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
    }

    private func shell(_ script: String) throws -> Command { try Command(shell: script, in: directory.url) }

    /// Interrupts a drawing when a picture of its sheet is finished.
    private func interrupt(_ arguments: String, _ signal: String = "TERM") throws -> Command {
        try shell(
            """
            dalle-run demo.model red --seed 1 --count 400 --grid 20 \(arguments) --progress json 2> errors & p=$!
            until grep '"painting"' errors 2> /dev/null | grep -q '"done":[1-9]'; do
                kill -0 $p || exit 99
                sleep 0.02
            done
            kill -\(signal) $p
            wait $p
            """)
    }

    @Test(arguments: [("TERM", 143), ("HUP", 129)]) func finishedPicturesAreKept(_ signal: String, _ status: Int32)
        throws
    {
        let command = try interrupt("-o a.png", signal)
        #expect(command.status == status, "\(command.error)")
        #expect(directory.contents == ["a-unfinished.png", "demo.model", "errors"])
        let errors = try String(contentsOf: directory.url.appending(path: "errors"), encoding: .utf8)
        #expect(
            errors.contains("Interrupted: a-unfinished.png holds the ")
                && errors.contains(" of 400 images that were finished"))
        #expect(errors.contains("\"event\":\"picture\""))
        // As large as the whole sheet would be: twenty pictures of 128 pixels beside and under each other.
        let head = try Data(contentsOf: directory.url.appending(path: "a-unfinished.png")).prefix(24)
        #expect(Array(head.suffix(8)) == [0, 0, 10, 0, 0, 0, 10, 0])
    }

    /// A sheet that is finished is not touched by one that is not, which is not taken for finished either.
    @Test func wholeSheetsStay() throws {
        #expect(try shell("echo old > a.png; dalle-run demo.model red --grid 2 -o a.png").status == 73)
        #expect(try interrupt("-o a.png --force").status == 143)
        #expect(try shell("cat a.png").output == "old\n")
        let again = try shell("rm a.png; dalle-run demo.model red --seed 1 --grid 2 -o a.png --skip-existing")
        #expect(again.status == 0 && directory.contents.contains("a.png"), "\(again.error)")
    }
}
