import Foundation
import TestSupport
import Testing

/// What is finished of a sheet outlives an interruption.
@Suite struct InterruptedSheetTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let command = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "-o", "demo.model",
                "--quiet",
            ],
            in: directory.url)
        #expect(command.status == 0, "\(command.error)")
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
        #expect(directory.contents == ["a.png", "demo.model", "errors"])
        let errors = try String(contentsOf: directory.url.appending(path: "errors"), encoding: .utf8)
        #expect(
            errors.contains("Interrupted: a.png holds the ") && errors.contains(" of 400 images that were finished"))
        #expect(errors.contains("\"event\":\"picture\""))
        // As large as the whole sheet would be: twenty pictures of 128 pixels beside and under each other.
        let head = try Data(contentsOf: directory.url.appending(path: "a.png")).prefix(24)
        #expect(Array(head.suffix(8)) == [0, 0, 10, 0, 0, 0, 10, 0])
    }

    /// A sheet that is finished is not touched by what comes for it.
    @Test func whatExistsIsNotReplacedUnasked() throws {
        let command = try shell("echo old > a.png; dalle-run demo.model red --grid 2 -o a.png")
        #expect(command.status == 73)
        #expect(try interrupt("-o a.png --force").status == 143)
        #expect(try shell("head -c 4 a.png | tail -c 3").output == "PNG")
    }
}

/// Codes on standard output, and what else `-` stands for.
@Suite struct CodesStreamTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let command = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "-o", "demo.model",
                "--quiet",
            ],
            in: directory.url)
        #expect(command.status == 0, "\(command.error)")
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

    /// Comparing says how far it is, and fails a conversion that does not keep its bounds.
    @Test func comparingHasProgressAndAStatus() throws {
        let good = try shell(
            "dalle-quant --int8 demo.model -o q --quiet && dalle-run verify q --against demo.model --pictures 2 --json --progress json"
        )
        let shares = good.error.split(separator: "\n").filter { $0.contains("\"comparing\"") }
        #expect(
            good.status == 0 && shares.count > 10 && shares.last?.contains("\"share\":1,") == true,
            "\(good.error.suffix(300))")
        let bad = try shell("dalle-quant --int4 demo.model -o r --keep '^bart=int4' --keep '^vqgan=int4' --compare")
        #expect(bad.status == (bad.output.contains("FAIL") || bad.error.contains("promise") ? 1 : 0))
    }
}

/// A file in the place of a subcommand is recognised.
@Suite struct CommandProposalTests {
    @Test(arguments: [
        ("demo/dalle", "dalle-convert flax"), ("demo/dalle/flax_model.msgpack", "dalle-convert flax"),
        ("demo/vqgan", "dalle-convert vqgan"), ("demo/clip", "dalle-convert clip"),
        ("torch/vqgan_legacy_f32.ckpt", "dalle-convert vqgan"), ("demo/vqgan/model.yaml", "vqgan CHECKPOINT --config"),
    ])
    func bySubstance(_ source: String, _ line: String) throws {
        let command = try Command("dalle-convert", [Fixtures.path(source), "-o", "a b.dalle"])
        #expect(command.status == 64)
        #expect(command.error.contains(line) && command.error.contains("-o 'a b.dalle'"), "\(command.error)")
    }

    @Test func convertedAlready() throws {
        let directory = try TemporaryDirectory()
        let command = try Command(
            shell: """
                dalle-convert vqgan \(Fixtures.path("demo/vqgan")) -o v.model --quiet
                echo text > x.bin; dalle-convert x.bin; dalle-convert v.model
                """, in: directory.url)
        #expect(command.status == 64 && command.error.contains("v.model is converted already: dalle-run v.model"))
        #expect(command.error.contains("x.bin: say what it is"))
    }
}
