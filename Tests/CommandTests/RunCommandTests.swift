import Foundation
import TestSupport
import Testing

/// The demo model, drawn with as a user does.
@Suite struct RunCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
    }

    private static let prompt = "a red star inside a yellow ring on a black background"

    private func run(_ arguments: [String]) throws -> Command {
        try Command("dalle-run", arguments, in: directory.url)
    }

    private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Command {
        try Command("dalle-run", arguments, in: directory.url, environment: environment)
    }

    private func codes(_ command: Command) throws -> [[Int]] {
        let images = try #require(try command.json()["images"] as? [[String: Any]], "\(command.error)")
        return try images.map { try #require($0["codes"] as? [Int]) }
    }

    @Test func anImageDependsOnPromptAndSeedAlone() throws {
        let alone = try codes(try run("demo.model", Self.prompt, "--seed", "8", "--json", "-o", "a.png"))
        let together = try codes(
            try run("demo.model", Self.prompt, "--seed", "7", "--count", "3", "--json", "-o", "b.png"))
        let single = try codes(
            try run("demo.model", Self.prompt, "--seed", "8", "--threads", "1", "--json", "-o", "c.png"))
        #expect(alone[0].count == 64)
        #expect(together[1] == alone[0] && single == alone)
        #expect(together[0] != together[1])
        #expect(directory.contents == ["a.png", "b-7.png", "b-8.png", "b-9.png", "c.png", "demo.model"])
        let picture = try Data(contentsOf: directory.url.appending(path: "a.png"))
        #expect(try Data(contentsOf: directory.url.appending(path: "b-8.png")).count == picture.count)
        #expect(picture.range(of: Data(Self.prompt.utf8)) != nil, "the prompt is in the file")
    }

    @Test func charactersThatAreNotSureAreNamedOnce() throws {
        // Two rare characters, one of them twice, among many that are sure.
        let prompts = "仒 猫\nчёрный кот ★ 고양이 🐱\n佪 仒\n"
        try prompts.write(toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
        func draw(_ model: String) throws -> String {
            let command = try run(model, "--prompts", "p.txt", "--seed", "1", "--force", "-o", "a.png")
            #expect(command.status == 0, "\(command.error)")
            return command.error
        }
        let error = try draw("demo.model")
        #expect(error.split(separator: "\n").count { $0.contains("--unidecode") } == 1, "\(error)")
        #expect(error.contains("仒 (U+4ED2), 佪 (U+4F6A);"), "\(error)")
        let command = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "--unidecode",
                Fixtures.path("text/unidecode"), "-o", directory.path("table.model"),
            ])
        #expect(command.status == 0, "\(command.error)")
        #expect(try !draw("table.model").contains("--unidecode"))
    }

    @Test func plainKernelsDrawTheSameCodes() throws {
        let best = try codes(try run("demo.model", Self.prompt, "--seed", "1", "--json", "-o", "a.png"))
        let plain = try codes(
            try run(
                "demo.model", Self.prompt, "--seed", "1", "--json", "-o", "b.png", environment: ["DALLE_ISA": "scalar"])
        )
        #expect(plain == best)
        #expect(try run("--version", environment: ["DALLE_ISA": "scalar"]).output.contains("scalar"))
        let unknown = try run("demo.model", Self.prompt, environment: ["DALLE_ISA": "z80"])
        #expect(unknown.status == 64 && unknown.error.contains("z80") && unknown.error.contains("scalar"))
    }

    @Test func severalPromptsMakeASheet() throws {
        try "a red circle\n\na blue square\n".write(toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
        let command = try run(
            "demo.model", "--prompts", "p.txt", "--grid", "2", "--seed", "1", "-o", "sheet.png", "--tokens-out",
            "t.json")
        #expect(command.status == 0 && command.output.contains("sheet.png"), "\(command.error)")
        let tokens = try JSONSerialization.jsonObject(
            with: try Data(contentsOf: directory.url.appending(path: "t.json")))
        let images = try #require((tokens as? [String: Any])?["images"] as? [[String: Any]])
        #expect(
            images.map { $0["prompt"] as? String } == [
                "a red circle", "a red circle", "a blue square", "a blue square",
            ])
        #expect(images.map { $0["seed"] as? Int } == [1, 2, 1, 2])
        // Width and height stand in the IHDR chunk, big-endian.
        let header = try Data(contentsOf: directory.url.appending(path: "sheet.png")).dropFirst(16).prefix(8)
        #expect(Array(header) == [0, 0, 1, 0, 0, 0, 1, 0])
    }

    @Test func greedyNeedsNoSeed() throws {
        let one = try codes(try run("demo.model", Self.prompt, "--greedy", "--seed", "1", "--json", "-o", "a.png"))
        let two = try codes(try run("demo.model", Self.prompt, "--greedy", "--seed", "2", "--json", "-o", "b.png"))
        let top = try codes(try run("demo.model", Self.prompt, "--top-k", "1", "--seed", "3", "--json", "-o", "c.png"))
        #expect(one == two && one == top)
    }

    @Test func progressCanBeReadByPrograms() throws {
        let command = try run("demo.model", Self.prompt, "--progress", "json", "-o", "a.png", "--seed", "0")
        let lines = command.error.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        let drawing = lines.filter { $0["stage"] as? String == "drawing" }
        #expect(drawing.compactMap { $0["done"] as? Int } == Array(1...64))
        #expect(drawing.allSatisfy { $0["total"] as? Int == 64 })
    }

    @Test func existingPicturesAreKept() throws {
        try Data().write(to: directory.url.appending(path: "a.png"))
        let command = try run("demo.model", Self.prompt, "-o", "a.png")
        #expect(command.status == 73 && command.error.contains("a.png") && command.error.contains("--force"))
        #expect(try run("demo.model", Self.prompt, "-o", "no/where.png").status == 73)
        #expect(try run("demo.model", Self.prompt, "-o", "a.png", "--force").status == 0)
    }

    @Test func inputsAreNeverWrittenOver() throws {
        let model = try Data(contentsOf: directory.url.appending(path: "demo.model"))
        try "a red circle\n".write(toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
        for output in [["-o", "demo.model"], ["--tokens-out", "demo.model"], ["-o", "p.txt"]] {
            let command = try run(["demo.model", "--prompts", "p.txt", "--force"] + output)
            #expect(command.status == 73 && command.error.contains("is read here"), "\(command.error)")
        }
        #expect(try run("demo.model", "a cat", "-o", "a.png", "--tokens-out", "a.png").status == 64)
        #expect(try Data(contentsOf: directory.url.appending(path: "demo.model")) == model)
        #expect(directory.contents == ["demo.model", "p.txt"])
    }

    @Test func picturesOfEqualPromptsHaveNamesOfTheirOwn() throws {
        try "a RED circle\na red circle!\nжёлтый круг\n".write(
            toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
        #expect(try run("demo.model", "--prompts", "p.txt", "--seed", "5").status == 0)
        #expect(
            directory.contents == [
                "a-red-circle-1-5.png", "a-red-circle-2-5.png", "demo.model", "p.txt", "zeltyj-krug-5.png",
            ])
    }

    @Test func aPromptMayComeWithoutQuotes() throws {
        let quoted = try run("demo.model", "a red circle", "--seed", "5", "--json", "-o", "a.png")
        let bare = try run("demo.model", "a", "red", "circle", "--seed", "5", "--json", "-o", "b.png")
        #expect(try codes(quoted) == codes(bare))
    }

    @Test func whatIsDecidedForTheUserIsSaid() throws {
        let long = Array(repeating: "a red circle", count: 30).joined(separator: " ")
        let command = try run("demo.model", long, "-o", "a.png")
        #expect(command.status == 0 && command.error.contains("only the first 24 tokens"), "\(command.error)")
        #expect(command.error.contains("seed "), "a seed drawn at random is said before the work")
        let swapped = try run("a red circle", "demo.model")
        #expect(swapped.status == 64 && swapped.error.contains("comes first"), "\(swapped.error)")
    }

    @Test(arguments: [
        ["demo.model"], ["demo.model", ""], ["demo.model", "a", "--greedy", "--count", "2"],
        ["demo.model", "a", "--threads", "0"], ["demo.model", "a", "-o", "a.jpg"],
        ["demo.model", "a", "--top-k", "-1"], ["demo.model", "a", "--top-p", "2"],
        ["demo.model", "a", "--temperature", "0"], ["demo.model", "a", "--seed", "-2"],
        ["demo.model", "a", "--count", "0"], ["demo.model", "a", "--grid", "0"],
        ["demo.model", "a", "--prompts", "p.txt"], ["demo.model", "a", "--condition-scale", "nan"],
    ])
    func wrongUseIsRefused(_ arguments: [String]) throws {
        let command = try Command("dalle-run", arguments, in: directory.url)
        #expect(command.status == 64, "\(arguments): \(command.status) \(command.error)")
    }

    @Test func aDamagedModelIsRefused() throws {
        #expect(try run("nowhere.dalle", "a cat").status == 66)
        var data = try Data(contentsOf: directory.url.appending(path: "demo.model"))
        data[data.count / 2] ^= 1
        try data.write(to: directory.url.appending(path: "bad.model"))
        let command = try run("bad.model", "a cat", "-o", "a.png")
        #expect(command.status == 65 && command.error.contains("damaged"), "\(command.error)")
        #expect(!directory.contents.contains("a.png"))
        let check = try Command("dalle-convert", ["check", "bad.model", "--json"], in: directory.url)
        #expect(try check.status == 1 && check.json()["pass"] as? Bool == false)
        try data.prefix(data.count / 2).write(to: directory.url.appending(path: "short.model"))
        #expect(try run("short.model", "a cat").status == 65)
    }
}
