import Foundation
import TestSupport
import Testing

/// One picture on standard output.
@Suite struct PictureStreamTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory, clip: true)
    }

    private func shell(_ script: String) throws -> Command { try Command(shell: script, in: directory.url) }

    @Test(arguments: ["", "--count 4 --keep 1", "--grid 2 --grid-gap 3"])
    func itIsTheFileByteForByte(_ options: String) throws {
        let draw = "dalle-run demo.model a red star --seed 7 \(options)"
        let command = try shell("\(draw) -o a.png && \(draw) -o - > b.png && \(draw) -o - | cat > c.png")
        #expect(command.status == 0, "\(command.error)")
        #expect(try shell("cmp a.png b.png && cmp a.png c.png").status == 0)
        #expect(command.error.contains("standard output: "))
        #expect(directory.contents == ["a.png", "b.png", "c.png", "demo.model"])
    }

    @Test func reconstructedToo() throws {
        let picture = Fixtures.path("pictures/rgb8.png")
        let command = try shell(
            "dalle-run reconstruct demo.model \(picture) -o a.png && dalle-run reconstruct demo.model \(picture) -o - > b.png"
        )
        #expect(command.status == 0 && command.error.contains("standard output: 128 × 128"), "\(command.error)")
        #expect(try shell("cmp a.png b.png").status == 0)
    }

    @Test func programsAreToldOfIt() throws {
        let command = try shell("dalle-run demo.model a red star --seed 7 -o - --progress json 2>&1 > a.png")
        let events = try command.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(events.contains { $0["event"] as? String == "picture" && $0["path"] as? String == "-" })
    }

    @Test(arguments: [
        "a red star --count 2", "a red star --count 4 --keep 2", "--prompts p.txt", "a red star --json",
        "a red star --seed 1 --skip-existing",
    ])
    func onlyOnePictureAndNothingElse(_ options: String) throws {
        let command = try shell(
            "printf 'a red star\\na blue ring\\n' > p.txt; dalle-run demo.model \(options) -o - | wc -c; "
                + "dalle-run demo.model \(options) -o - > a.png")
        #expect(command.status == 64 && command.output.contains("0"), "\(command.error)")
        #expect(command.error.contains("standard output"), "\(command.error)")
        #expect(try shell("test -s a.png").status == 1)
    }

    @Test func otherOutputsAndInputsAreNotInIt() throws {
        let same = try shell("dalle-run demo.model a red star -o - --tokens-out a.png --force > a.png")
        #expect(same.status == 64 && same.error.contains("a.png"), "\(same.error)")
        let model = try shell("cp demo.model m; dalle-run m a red star -o - >> m")
        #expect(model.status == 73, "\(model.error)")
        #expect(try shell("cmp m demo.model").status == 0)
        #expect(
            try shell("dalle-run reconstruct demo.model \(Fixtures.path("pictures/rgb8.png")) --json -o -").status == 64
        )
    }

    #if os(Linux)
        @Test func aPictureThatDoesNotFitIsAnErrorSaidOnce() throws {
            for work in ["a red star --seed 7", "reconstruct demo.model \(Fixtures.path("pictures/rgb8.png"))"] {
                let command = try shell(
                    "dalle-run \(work.hasPrefix("a") ? "demo.model " : "")\(work) -o - --progress json > /dev/full")
                #expect(command.status == 73, "\(command.error)")
                #expect(!command.error.contains("\"picture\"") && !command.error.contains("standard output: "))
                #expect(command.error.components(separatedBy: "\"error\"").count == 2, "\(command.error)")
            }
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/script")))
        func aTerminalShowsNoPictures() throws {
            let command = try shell(
                "script -qec 'dalle-run demo.model a red star -o -' /dev/null < /dev/null > log; echo $? > status; "
                    + "cat status log")
            #expect(command.output.hasPrefix("64\n") && command.output.contains("is a terminal"), "\(command.output)")
            #expect(!command.output.contains("IHDR"))
        }
    #endif
}
