import Foundation
import TestSupport
import Testing

/// Streams that are full, closed or not read: what is said may be lost, work never is, and a lost result is an error.
@Suite struct StreamTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
        try "a red circle\na blue square\na green star\n".write(
            toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
    }

    private func shell(_ script: String) throws -> Command { try Command(shell: script, in: directory.url) }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory.path(name), encoding: .utf8)
    }

    /// Ways in which a stream takes nothing; its descriptor's number comes before them.
    private static let blocked: [String] = {
        #if os(Linux)
            [">&-", ">/dev/full"]
        #else
            [">&-"]
        #endif
    }()

    @Test(arguments: blocked) func whatStandardErrorDoesNotTakeIsLost(_ blocked: String) throws {
        #expect(try shell("dalle-run nowhere a cat 2\(blocked)").status == 66)
        #expect(try shell("dalle-run demo.model 2\(blocked)").status == 64)
        #expect(try shell("dalle-run demo.model a red circle --seed 1 -o said.png").status == 0)
        let silent = try shell(
            "dalle-run demo.model --prompts p.txt --seed 1 -o p.png --progress bar 2\(blocked) && "
                + "dalle-run demo.model a red circle --seed 1 -o silent.png 2\(blocked)")
        #expect(silent.status == 0 && silent.output.split(separator: "\n").count == 4)
        // Not a byte of what was said is in a file.
        #expect(try shell("cmp said.png silent.png").status == 0)
        #expect(try shell("dalle-convert check demo.model").status == 0)
        #expect(
            directory.contents == ["demo.model", "p-1.png", "p-2.png", "p-3.png", "p.txt", "said.png", "silent.png"])
        let quant = try shell("dalle-quant --int8 demo.model -o small.dalle --progress bar 2\(blocked)")
        #expect(quant.status == 0 && quant.output.contains("small.dalle"))
    }

    @Test func allStreamsMayBeClosed() throws {
        #expect(try shell("dalle-run demo.model a red circle --seed 1 -o a.png").status == 0)
        #expect(try shell("dalle-run demo.model a red circle --seed 1 -o b.png <&- >&- 2>&-").status == 73)
        #expect(try shell("cmp a.png b.png").status == 0)
    }

    @Test func nobodyNeedReadStandardError() throws {
        let command = try shell(
            "{ { sleep 0.2; dalle-run demo.model a red circle --seed 1 -o a.png; echo $? > status; } 2>&1 >&3 | true; } 3>out"
        )
        #expect(command.status == 0)
        #expect(try text("status") == "0\n" && text("out").contains("a.png"))
    }

    @Test(arguments: blocked) func aLostResultIsAnError(_ blocked: String) throws {
        for command in [
            "dalle-convert inspect demo.model", "dalle-convert inspect demo.model --json",
            "dalle-convert check demo.model", "dalle-convert check demo.model --json", "dalle-convert --help",
            "dalle-convert flax --help", "dalle-run --version", "dalle-quant --help", "dalle-run generate --help",
            "dalle-quant --int8 demo.model -o x.dalle --dry-run",
            "dalle-quant --int8 demo.model -o x.dalle --json --force",
            "dalle-convert export demo.model -o exported --force --quiet",
            "dalle-run demo.model a red circle --seed 1 -o a.png --json --force",
            "dalle-run demo.model a red circle --seed 1 -o a.png --quiet --force",
        ] {
            let result = try shell("\(command) \(blocked)")
            #expect(result.status == 73 && result.error.contains("standard output"), "\(command): \(result.error)")
        }
        // Work whose result is a file is done all the same.
        let batch = try shell("dalle-run demo.model --prompts p.txt --seed 1 -o p.png \(blocked)")
        #expect(batch.status == 73)
        #expect(directory.contents.filter { $0.hasPrefix("p-") } == ["p-1.png", "p-2.png", "p-3.png"])
        // An error stays what it is.
        #expect(try shell("dalle-convert check nowhere --json \(blocked)").status == 66)
    }

    @Test func whoeverHasSeenEnoughIsToldNothing() throws {
        let command = try shell("{ sleep 0.2; dalle-convert inspect demo.model --json; echo $? > status; } | true")
        #expect(command.status == 0 && command.error.isEmpty)
        // As the shell counts a process that SIGPIPE ended.
        #expect(try text("status") == "141\n")
    }

    @Test func finishedPicturesAreSaidAtOnce() throws {
        let command = try shell(
            """
            dalle-run demo.model --prompts p.txt --count 300 --seed 1 -o a.png > log 2> errors & p=$!
            for i in $(seq 600); do [ "$(wc -l < log)" -ge 2 ] && break; sleep 0.05; done
            kill -TERM $p; wait $p; echo $? > status
            """)
        #expect(command.status == 0)
        #expect(try text("status") == "143\n")
        let named = try text("log").split(separator: "\n").compactMap {
            $0.split(separator: ":").first.map(String.init)
        }
        let drawn = directory.contents.filter { $0.hasPrefix("a-") }
        #expect(named.count >= 2 && Set(named).isSubset(of: drawn) && drawn.count - named.count <= 1)
        #expect(try text("errors").contains("Interrupted"))
    }

    @Test(arguments: ["HUP", "INT", "TERM"]) func whatIsIgnoredStaysIgnored(_ signal: String) throws {
        let command = try shell(
            """
            trap '' \(signal)
            dalle-run demo.model --prompts p.txt --count 3 --seed 1 -o a.png > log 2>&1 & p=$!
            for i in $(seq 600); do [ -s log ] && break; sleep 0.05; done
            kill -\(signal) $p; wait $p; echo $? > status
            """)
        #expect(command.status == 0)
        #expect(try text("status") == "0\n")
        #expect(directory.contents.count { $0.hasPrefix("a-") } == 9)
    }

    @Test func theLimitOfFileSizesIsAnError() throws {
        for command in [
            "dalle-run demo.model --prompts p.txt --grid 6 --seed 1 -o a.png",
            "dalle-convert merge demo.model demo.model -o m.dalle",
            "dalle-quant --fp16 demo.model -o q.dalle --quiet", "dalle-convert export demo.model -o deep/exported",
            "dalle-convert flax \(Fixtures.path("demo/dalle")) -o c.dalle --quiet",
        ] {
            let result = try shell("ulimit -f 16; \(command)")
            #expect(
                result.status == 73 && result.error.contains("ulimit -f"),
                "\(command): \(result.status) \(result.error)")
            #expect(result.error.split(separator: "\n").count { $0.hasPrefix("Error:") } == 1, "\(result.error)")
        }
        #expect(directory.contents == ["demo.model", "p.txt"], "nothing half-written, no empty directory")
    }

    @Test func aFileThatIsCutShortIsNamed() throws {
        let command = try shell(
            """
            dalle-run demo.model --prompts p.txt --count 300 --seed 1 -o a.png > log 2> errors & p=$!
            for i in $(seq 600); do [ -s log ] && break; sleep 0.05; done
            : > demo.model
            wait $p; echo $? > status
            """)
        #expect(command.status == 0)
        #expect(try text("status") == "65\n")
        let errors = try text("errors")
        #expect(errors.contains("Error: demo.model: was cut short"), "\(errors)")
    }
}
