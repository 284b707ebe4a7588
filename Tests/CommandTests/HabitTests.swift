import Foundation
import TestSupport
import Testing

/// What hands do that are used to other programs, or slip.
@Suite struct HabitTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory, as: "demo.dalle")
    }

    private func run(_ name: String, _ arguments: [String]) throws -> Command {
        try Command(name, arguments, in: directory.url)
    }

    @Test func shortOptionsAndOtherNamesAreUnderstood() throws {
        let long = try run(
            "dalle-run",
            [
                "demo.dalle", "a red star", "--count", "2", "--seed", "5", "--threads", "1", "--condition-scale", "3",
                "--output", "a.png",
            ])
        let short = try run(
            "dalle-run",
            ["demo.dalle", "a red star", "-n", "2", "-s", "5", "-t", "1", "--cfg-scale", "3", "--out", "b.png"])
        #expect(long.status == 0 && short.status == 0, "\(short.error)")
        for seed in [5, 6] {
            #expect(
                try Data(contentsOf: directory.url.appending(path: "a-\(seed).png"))
                    == Data(contentsOf: directory.url.appending(path: "b-\(seed).png")))
        }
        let any = try run("dalle-run", ["demo.dalle", "a red star", "--seed", "-1", "-o", "c.png"])
        #expect(any.status == 0 && any.error.contains("seed "), "\(any.error)")
        #expect(try run("dalle-run", ["demo.dalle", "a", "--batch-count", "1", "-s", "1"]).status == 0)
    }

    @Test(
        arguments: [
            (["dalle-run", "-m", "demo.dalle", "-p", "a red star"], "dalle-run FILE \"PROMPT\""),
            (["dalle-run", "demo.dalle", "--prompt", "a red star"], "dalle-run FILE \"PROMPT\""),
            (["dalle-run", "demo.dalle", "a red star", "--size", "256"], "--grid"),
            (["dalle-run", "demo.dalle", "a red star", "--negative-prompt", "blue"], "--condition-scale"),
            (["dalle-run", "demo.dalle", "a red star", "--negative", "blue"], "--condition-scale"),
            (["dalle-run", "demo.dalle", "a red star", "--steps=20"], "--top-k"),
            (["dalle-run", "demo.dalle", "a red star", "-b", "4"], "--count"),
            (["dalle-run", "demo.dalle", "a red star", "--outdir", "x"], "-o pictures/"),
            (["dalle-run", "demo.dalle", "--a red star"], "-- '--a red star'"),
            (["dalle-run", "demo.dalle", "-a red star"], "-- '-a red star'"),
            (["dalle-run", "demo.dalle", "a red star", "a blue circle"], "--prompts"),
            (["dalle-run", "demo.dalle", "a red star", "--seed", "-2"], "4294967295"),
            (["dalle-convert", "inspekt", "demo.dalle"], "'inspect'"),
            (["dalle-convert", "-i", "demo.dalle"], "dalle-convert flax SOURCE"),
            (["dalle-quant", "--int3", "demo.dalle"], "--int4"),
            (["dalle-quant", "--q4_0", "demo.dalle"], "--int4"),
            (["dalle-quant", "--int8", "demo.dalle", "--keep", "vqgan=int5"], "no type 'int5'"),
        ] as [([String], String)])
    func othersAreAnsweredWithWhatIsToBeUsed(_ arguments: [String], _ answer: String) throws {
        let command = try run(arguments[0], Array(arguments.dropFirst()))
        #expect(command.status == 64 && command.error.contains(answer), "\(command.error)")
        #expect(!command.error.contains("Did you mean '--"))
    }

    @Test func aPromptMayBeginWithADash() throws {
        let command = try run("dalle-run", ["demo.dalle", "-o", "a.png", "-s", "1", "--", "--a red star"])
        #expect(command.status == 0, "\(command.error)")
        let single = try run("dalle-run", ["demo.dalle", "--fox"])
        #expect(single.status == 64 && single.error.contains("--"), "\(single.error)")
    }

    @Test(
        arguments: [
            (["dalle-run", "demo.dale", "a cat"], "Did you mean 'demo.dalle'?"),
            (["dalle-run", "dmeo.dalle", "a cat"], "Did you mean 'demo.dalle'?"),
            (["dalle-run", "generat", "demo.dalle", "a"], "Did you mean 'generate'?"),
            (["dalle-run", "verifi", "demo.dalle"], "Did you mean 'verify'?"),
            (["dalle-convert", "inspect", "Demo.dalle"], "Did you mean 'demo.dalle'?"),
            (["dalle-quant", "--int8", "./demo.dalla"], "Did you mean './demo.dalle'?"),
        ] as [([String], String)])
    func theNearestNameIsProposed(_ arguments: [String], _ answer: String) throws {
        let command = try run(arguments[0], Array(arguments.dropFirst()))
        #expect(command.status != 0 && command.error.contains(answer), "\(command.error)")
    }

    @Test func farNamesAreNotProposed() throws {
        let command = try run("dalle-run", ["mega.dalle", "a cat"])
        #expect(command.status == 66 && !command.error.contains("Did you mean"), "\(command.error)")
    }

    @Test func aSeedIsNotSaidBeforeAnError() throws {
        let command = try run("dalle-convert", ["flax", Fixtures.path("demo/dalle"), "-o", "bare.dalle"])
        #expect(command.status == 0, "\(command.error)")
        let bare = try run("dalle-run", ["bare.dalle", "a cat"])
        #expect(bare.status == 66 && !bare.error.contains("seed"), "\(bare.error)")
        #expect(bare.error.contains("dalle-convert vqgan") && bare.error.contains("merge"))
        let judged = try run("dalle-run", ["demo.dalle", "a cat", "--keep", "2"])
        #expect(judged.status == 66 && judged.error.contains("dalle-convert clip"), "\(judged.error)")
        #expect(!judged.error.contains("seed"), "\(judged.error)")
    }

    /// In a shell that has read the script, `de` becomes `demo.dalle` in the place of the model.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash")))
    func bashCompletesNames() throws {
        for (name, words) in [
            ("dalle-run", ["de"]), ("dalle-run", ["generate", "de"]), ("dalle-run", ["verify", "de"]),
            ("dalle-convert", ["inspect", "de"]), ("dalle-quant", ["--int8", "de"]),
        ] {
            let script = try run(name, ["--generate-completion-script", "bash"])
            #expect(script.status == 0)
            try script.output.write(toFile: directory.path("script"), atomically: true, encoding: .utf8)
            let line = ([name] + words).joined(separator: " ")
            // What readline does: the function's answers, and where it has none and the completion allows it, file names.
            let shell = try Command(
                executable: URL(filePath: "/bin/bash"),
                [
                    "--norc", "-c",
                    """
                    source ./script
                    COMP_WORDS=(\(line)); COMP_CWORD=\(words.count); COMP_LINE="\(line)"; COMP_POINT=${#COMP_LINE}
                    COMPREPLY=()
                    _\(name) \(name) "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>errors
                    if [ ${#COMPREPLY[@]} = 0 ] && complete -p \(name) | grep -q -e '-o default'
                    then compgen -f -- "${COMP_WORDS[COMP_CWORD]}"; else printf '%s\\n' "${COMPREPLY[@]}"; fi
                    """,
                ], in: directory.url)
            #expect(
                shell.output.split(separator: "\n").contains("demo.dalle"), "\(line): \(shell.output)\(shell.error)")
        }
    }
}
