import Foundation
import TestSupport
import Testing

/// What pictures are called, and what is not drawn again.
@Suite struct OutputNameTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory, clip: true)
        try "a red circle\na blue square\n".write(
            toFile: directory.path("two.txt"), atomically: true, encoding: .utf8)
    }

    private func run(_ arguments: String...) throws -> Command {
        try Command("dalle-run", ["demo.model"] + arguments, in: directory.url)
    }

    /// What is there beside the model and the prompts.
    private var pictures: [String] { directory.contents.filter { $0 != "demo.model" && $0 != "two.txt" } }

    private func data(_ name: String) throws -> Data { try Data(contentsOf: directory.url.appending(path: name)) }

    @Test func theBestAreCalledByTheirSeeds() throws {
        for seed in ["1", "101"] {
            let command = try run("a red star", "--keep", "3", "--count", "6", "--seed", seed)
            #expect(command.status == 0, "\(command.error)")
        }
        #expect(pictures.count == 6, "\(pictures)")
        let seeds = try pictures.map { name -> Int in
            let parts = name.dropLast(4).split(separator: "-")
            #expect(parts.dropLast() == ["a", "red", "star"])
            return try #require(Int(parts[3]))
        }
        #expect(seeds.filter { (1...6).contains($0) }.count == 3)
        #expect(seeds.filter { (101...106).contains($0) }.count == 3)
        #expect(try run("a red star", "--keep", "1", "--count", "3", "--seed", "9", "-o", "best.png").status == 0)
        #expect(pictures.contains("best.png"))
    }

    @Test func aDirectoryIsMadeAndFilled() throws {
        #expect(try run("a red star", "--seed", "7", "-o", "out/").status == 0)
        #expect(try run("--prompts", "two.txt", "--seed", "7", "--count", "2", "-o", "out").status == 0)
        #expect(try run("a red star", "--seed", "7", "-o", "new/inner/").status == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("out")).sorted()
        #expect(
            names == [
                "a-blue-square-7.png", "a-blue-square-8.png", "a-red-circle-7.png", "a-red-circle-8.png",
                "a-red-star-7.png",
            ])
        #expect(FileManager.default.fileExists(atPath: directory.path("new/inner/a-red-star-7.png")))
        #expect(try run("a red star", "-o", "two.txt/").status == 73)
    }

    @Test func longPromptsMakeShortNames() throws {
        // The 48th letter is the dash after "circle".
        let prompt = "a blue triangle to the left of an orange circle and a star"
        #expect(try run(prompt, "--seed", "7").status == 0)
        #expect(pictures == ["a-blue-triangle-to-the-left-of-an-orange-circle-7.png"], "\(pictures)")
        let again = try run(prompt, "--seed", "7", "--skip-existing")
        #expect(again.status == 0 && again.error.contains("1 picture exists already and stays"), "\(again.error)")
    }

    @Test func theEndingIsAdded() throws {
        #expect(try run("a red star", "--seed", "7", "-o", "x").status == 0)
        #expect(try run("a red star", "--seed", "7", "--out", "v1.5", "-n", "2").status == 0)
        #expect(try run("--prompts", "two.txt", "-s", "7", "-o", "y.PNG").status == 0)
        #expect(pictures == ["v1.5-7.png", "v1.5-8.png", "x.png", "y-1.PNG", "y-2.PNG"], "\(pictures)")
    }

    @Test func templatesNameThePictures() throws {
        let command = try run(
            "--prompts", "two.txt", "--seed", "7", "--count", "2", "-o", "{n:3}-{seed}-{prompt}.png")
        #expect(command.status == 0, "\(command.error)")
        #expect(
            pictures == [
                "001-7-a-red-circle.png", "001-8-a-red-circle.png", "002-7-a-blue-square.png",
                "002-8-a-blue-square.png",
            ])
        #expect(try run("a red star", "--seed", "7", "-o", "by/{prompt}/{seed}").status == 0)
        #expect(FileManager.default.fileExists(atPath: directory.path("by/a-red-star/7.png")))
    }

    @Test(arguments: ["x-%d.png", "x-%03d.png", "{number}.png", "{n:x}-{foo}.png", "{seed:3}.png", "{n:999}.png"])
    func otherTemplatesAreAnswered(_ template: String) throws {
        let command = try run("a red star", "-o", template)
        #expect(command.status == 64 && command.error.contains("{n:3}"), "\(command.error)")
    }

    @Test func aTemplateThatTellsNotApartIsRefused() throws {
        let command = try run("a red star", "--count", "2", "-o", "{prompt}.png")
        #expect(command.status == 64 && command.error.contains("{seed}"), "\(command.error)")
        #expect(pictures.isEmpty)
    }

    @Test func whatIsThereIsNotDrawnAgain() throws {
        let whole = ["--prompts", "two.txt", "--count", "2", "--seed", "5", "-o"]
        #expect(try Command("dalle-run", ["demo.model"] + whole + ["a.png"], in: directory.url).status == 0)
        #expect(try Command("dalle-run", ["demo.model"] + whole + ["b.png"], in: directory.url).status == 0)
        try FileManager.default.removeItem(atPath: directory.path("b-2-6.png"))
        try Data("mine".utf8).write(to: directory.url.appending(path: "b-1-5.png"))
        let again = try Command(
            "dalle-run", ["demo.model"] + whole + ["b.png", "--skip-existing", "--json"], in: directory.url)
        #expect(again.status == 0 && again.error.contains("3 pictures exist already"), "\(again.error)")
        let images = try #require(try again.json()["images"] as? [[String: Any]])
        #expect(images.map { $0["path"] as? String } == ["b-2-6.png"])
        #expect(try data("b-1-5.png") == Data("mine".utf8))
        for name in ["1-6", "2-5", "2-6"] { #expect(try data("a-\(name).png") == data("b-\(name).png")) }
        let nothing = try Command(
            "dalle-run", ["demo.model"] + whole + ["b.png", "--skip-existing"], in: directory.url)
        #expect(nothing.status == 0 && nothing.output.isEmpty, "\(nothing.error)")
    }

    @Test func theBestAreCompleted() throws {
        let options = ["demo.model", "a red star", "--count", "5", "--keep", "2", "--seed", "3", "-o", "out/"]
        #expect(try Command("dalle-run", options, in: directory.url).status == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("out")).sorted()
        let before = try names.map { try data("out/\($0)") }
        try FileManager.default.removeItem(atPath: directory.path("out/\(names[1])"))
        let again = try Command("dalle-run", options + ["--skip-existing"], in: directory.url)
        #expect(again.status == 0, "\(again.error)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("out")).sorted() == names)
        #expect(try names.map { try data("out/\($0)") } == before)
        let nothing = try Command("dalle-run", options + ["--skip-existing"], in: directory.url)
        #expect(nothing.status == 0 && nothing.output.isEmpty)
    }

    @Test func skippingNeedsASeed() throws {
        #expect(try run("a red star", "--skip-existing").status == 64)
        #expect(try run("a red star", "--skip-existing", "--seed", "-1").status == 64)
        #expect(try run("a red star", "--skip-existing", "--seed", "1", "--force").status == 64)
    }

    @Test func emptyCellsAreWhite() throws {
        let command = try run(
            "a red star", "--seed", "1", "--count", "3", "--grid", "2", "--grid-gap", "8", "-o", "g.png")
        #expect(command.status == 0, "\(command.error)")
        // Width and height stand in the IHDR chunk, big-endian: 2 × 128 + 8.
        #expect(Array(try data("g.png").dropFirst(16).prefix(8)) == [0, 0, 1, 8, 0, 0, 1, 8])
        #expect(try run("a red star", "--grid", "2", "--grid-gap", "-1").status == 64)
    }

    @Test func aSheetIsSkippedAsAWhole() throws {
        let options = ["demo.model", "--prompts", "two.txt", "--grid", "2", "--seed", "5", "-o", "sheet.png"]
        #expect(try Command("dalle-run", options, in: directory.url).status == 0)
        let before = try data("sheet.png")
        let again = try Command("dalle-run", options + ["--skip-existing"], in: directory.url)
        #expect(again.status == 0 && again.output.isEmpty, "\(again.error)")
        #expect(try data("sheet.png") == before)
    }

    @Test func parametersAreReadByOtherPrograms() throws {
        #expect(try run("a red star", "--seed", "7", "-o", "a.png").status == 0)
        let text = String(decoding: try data("a.png"), as: UTF8.self)
        let start = try #require(text.range(of: "parameters\0\0\0\0\0"))
        #expect(
            text[start.upperBound...].hasPrefix(
                "a red star\nSteps: 64, Sampler: top-k 50 top-p 1.0 temperature 1.0, CFG scale: 1.5, Seed: 7, "
                    + "Size: 128x128, Model hash: "))
    }
}
