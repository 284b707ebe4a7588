import Foundation
import TestSupport
import Testing

/// No output takes the place of another one or of an input, whatever they are called, also with `--force`.
@Suite struct OutputTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let command = try Command(
            shell: """
                cp -r \(Fixtures.path("demo/dalle")) source && cp -r \(Fixtures.path("demo/vqgan")) vqgan && chmod -R u+w .
                dalle-convert flax source --vqgan vqgan -o demo.model --quiet
                echo a red circle > p.txt
                ln demo.model hard; ln -s demo.model soft; ln -s new.file dangling
                ln demo.model hard.png; ln -s demo.model soft.png; ln -s new.png dangling.png; ln p.txt prompts.png
                mkdir d; ln -s ../d d/round
                ln p.txt prompts.hard; cp \(Fixtures.path("text/standin-words-frequency.txt")) words
                """, in: directory.url)
        #expect(command.status == 0, "\(command.error)")
    }

    private func shell(_ script: String) throws -> Command { try Command(shell: script, in: directory.url) }

    /// Everything in the directory, as its checksums.
    private func state() throws -> String { try shell("find . -type f | sort | xargs cksum; find . | sort").output }

    /// Commands that must be refused and change nothing.
    private static let refused = [
        // Two outputs of one name.
        "dalle-quant --int8 demo.model -o x --report x", "dalle-quant --int8 demo.model -o x --report ./x",
        "dalle-quant --int8 demo.model -o d/x --report d/round/../d/./x",
        "dalle-quant --int8 demo.model -o new.file --report dangling",
        "dalle-quant --int8 demo.model -o x --report \"$PWD/x\"",
        "dalle-run demo.model red --seed 1 -o a.png --tokens-out ./a.png",
        "dalle-run demo.model red --seed 1 --count 2 -o a.png --tokens-out d/../a-2.png",
        "dalle-run demo.model red --seed 1 --grid 2 -o d/a.png --tokens-out d/round/a.png",
        // The model.
        "dalle-quant --int8 demo.model -o hard", "dalle-quant --int8 demo.model -o soft",
        "dalle-quant --int8 demo.model -o y --report ./d/../demo.model",
        "dalle-run soft red --seed 1 -o hard.png", "dalle-run hard red --seed 1 -o a.png --tokens-out soft",
        "dalle-run reconstruct p.txt demo.model -o hard.png", "dalle-run reconstruct p.txt demo.model -o prompts.png",
        "dalle-convert merge demo.model soft -o hard",
        // What is read beside it.
        "dalle-quant --int4 demo.model --calibrate p.txt -o p.txt",
        "dalle-quant --int4 demo.model --calibrate p.txt -o z --report prompts.hard",
        "dalle-run demo.model --prompts p.txt -o prompts.png",
        "dalle-run demo.model --prompts p.txt --tokens-out ./p.txt",
        "dalle-convert flax source -o source/config.json", "dalle-convert flax source -o source/./flax_model.msgpack",
        "dalle-convert flax source -o source/tokenizer.json",
        "dalle-convert flax source --vqgan vqgan -o vqgan/model.yaml",
        "dalle-convert flax source --word-frequencies words -o ./words",
        "mkdir e; cp demo.model e/config.json; dalle-convert export e/config.json -o e; s=$?; rm -r e; exit $s",
        "mkdir e; cp demo.model e/bart.safetensors; dalle-convert export e/bart.safetensors -o e; s=$?; rm -r e; exit $s",
        // Where a stream goes.
        "dalle-run demo.model red --seed 1 --json -o out.png > out.png; s=$?; rm out.png; exit $s",
        "dalle-quant --int8 demo.model -o q 2> q; s=$?; rm q; exit $s",
        "while read -r line; do dalle-run demo.model \"$line\" -o prompts.png || exit $?; done < p.txt",
    ]

    @Test func nothingTakesTheirPlace() throws {
        let before = try state()
        for command in Self.refused {
            let forced = command.replacing("-o ", with: "--force -o ")
            let result = try shell(forced)
            #expect([64, 73].contains(result.status), "\(forced): \(result.status) \(result.error)")
            #expect(try state() == before, "\(forced)")
        }
    }

    @Test func othersMayBeReplaced() throws {
        #expect(try shell("echo old > x; echo old > d/x; ln x other").status == 0)
        let command = try shell(
            "dalle-quant --int8 demo.model -o x --report d/x --force && dalle-run x red --seed 1 -o a.png --tokens-out A.png"
        )
        #expect(command.status == 0, "\(command.error)")
        #expect(try shell("cat other").output == "old\n", "the other name of a file that is replaced keeps it")
        #expect(try shell("dalle-run demo.model red --seed 2 -o dangling.png && cmp dangling.png new.png").status == 0)
        // A directory with more in it than what is exported.
        #expect(
            try shell("dalle-convert export demo.model -o d --force && test -s d/config.json && test -s d/x").status
                == 0)
        #expect(try shell("dalle-convert export demo.model -o d").status == 73)
    }

    @Test func anExportThatFailsLeavesNoDirectory() throws {
        let before = try state()
        #expect(try shell("dalle-convert export demo.model -o p.txt/new").status == 73)
        #expect(try shell("dalle-convert export demo.model -o p.txt").status == 73)
        #expect(try shell("dalle-convert export demo.model -o deep/er --dry-run").status == 0)
        #expect(try shell("(ulimit -f 8; dalle-convert export demo.model -o deep/er/est)").status == 73)
        #expect(try state() == before)
        #expect(try shell("dalle-convert export demo.model -o deep/er/ && test -s deep/er/config.json").status == 0)
    }
}
