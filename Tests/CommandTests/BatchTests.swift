import Foundation
import TestSupport
import Testing

/// Many pictures in one go: the best of each prompt, and what is said of them.
@Suite struct BatchTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory, clip: true)
    }

    private func prompts(_ texts: [String]) throws {
        try texts.joined(separator: "\n").write(toFile: directory.path("p.txt"), atomically: true, encoding: .utf8)
    }

    private func run(_ arguments: String...) throws -> Command {
        try Command("dalle-run", ["demo.model"] + arguments, in: directory.url)
    }

    private struct Picture: Equatable {
        let path: String
        let prompt: String
        let seed: Int
        let score: Double
    }

    private func pictures(_ command: Command) throws -> [Picture] {
        let images = try #require(try command.json()["images"] as? [[String: Any]], "\(command.error)")
        return try images.map {
            Picture(
                path: try #require($0["path"] as? String), prompt: try #require($0["prompt"] as? String),
                seed: try #require($0["seed"] as? Int), score: try #require($0["clip_score"] as? Double))
        }
    }

    @Test func equalPromptsHaveTheirOwnBest() throws {
        let star = "a red star on a white background", circle = "a blue circle"
        func best(_ prompt: String) throws -> [Int] {
            try pictures(try run(prompt, "--count", "3", "--keep", "2", "--seed", "5", "--json", "-o", "\(prompt).png"))
                .map(\.seed)
        }
        let (ofStar, ofCircle) = (try best(star), try best(circle))
        try prompts([star, star, circle, star])
        let choice = ["--prompts", "p.txt", "--count", "3", "--keep", "2", "--seed", "5", "--json"]
        let files = try pictures(try Command("dalle-run", ["demo.model", "-o", "k.png"] + choice, in: directory.url))
        #expect(files.map(\.prompt) == [star, star, star, star, circle, circle, star, star])
        #expect(files.map(\.seed) == ofStar + ofStar + ofCircle + ofStar)
        #expect(Set(files.map(\.path)).count == 8 && files.allSatisfy { directory.contents.contains($0.path) })
        let grid = try pictures(
            try Command("dalle-run", ["demo.model", "--grid", "2", "-o", "g.png"] + choice, in: directory.url))
        #expect(grid.map(\.seed) == files.map(\.seed) && grid.allSatisfy { $0.path == "g.png" })
        #expect(directory.contents.contains("g.png"))
    }

    @Test func keptPicturesAreSaidWithSeedAndScore() throws {
        let choice = ["a red star", "--count", "4", "--keep", "2", "--seed", "9"]
        let kept = try pictures(
            try Command("dalle-run", ["demo.model", "--json", "-o", "a.png"] + choice, in: directory.url))
        let marks = kept.map { "seed \($0.seed), CLIP \(String(format: "%.1f", $0.score))" }
        let command = try Command("dalle-run", ["demo.model", "--force", "-o", "a.png"] + choice, in: directory.url)
        let said = zip(kept, marks).map { "\($0.path): \($1)" }
        #expect(command.output.split(separator: "\n").map(String.init) == said)
        let grid = try Command("dalle-run", ["demo.model", "--grid", "2", "-o", "g.png"] + choice, in: directory.url)
        #expect(grid.output == "g.png: 2 images\n  a red star: \(marks.joined(separator: "; "))\n")
    }

    @Test func aRangeOfSeedsIsSaidWhereItIsOne() throws {
        try prompts(["a red star", "a blue circle"])
        let sheet = try run("--prompts", "p.txt", "--grid", "2", "--seed", "7", "-o", "a.png")
        #expect(sheet.output == "a.png: 4 images, seeds 7 to 8 of each prompt\n")
        let one = try run("a red star", "--grid", "2", "--count", "3", "--seed", "7", "-o", "b.png")
        #expect(one.output == "b.png: 3 images, seeds 7 to 9\n")
        // After the largest seed comes 0.
        let last = try run("a red star", "--grid", "2", "--count", "2", "--seed", "4294967295", "-o", "c.png")
        #expect(last.output == "c.png: 2 images\n  a red star: seed 4294967295; seed 0\n")
    }

    @Test func oneNameThatIsTakenDoesNotEndTheBatch() throws {
        try prompts(["a red star", "a blue circle", "a green ring"])
        let command = try Command(
            shell: """
                dalle-run demo.model --prompts p.txt --count 3 --seed 1 -o a.png --tokens-out t.json > log 2> errors & p=$!
                for i in $(seq 600); do [ -s log ] && break; sleep 0.02; done
                echo theirs > a-2-3.png; echo theirs > a-3-2.png
                wait $p; echo $? > status
                """, in: directory.url)
        #expect(command.status == 0)
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: directory.path(name), encoding: .utf8)
        }
        let errors = try text("errors")
        #expect(try text("status") == "73\n")
        #expect(errors.contains("a-2-3.png: exists already") && errors.contains("2 of 9 files"), "\(errors)")
        #expect(directory.contents.count { $0.hasPrefix("a-") } == 9)
        #expect(try text("a-2-3.png") == "theirs\n" && text("a-3-2.png") == "theirs\n")
        #expect(try text("log").split(separator: "\n").count == 7)
        // Nothing that was drawn is lost.
        let tokens = try JSONSerialization.jsonObject(
            with: Data(contentsOf: directory.url.appending(path: "t.json")))
        let images = try #require((tokens as? [String: Any])?["images"] as? [[String: Any]])
        #expect(images.count == 9 && images.count { $0["error"] is String } == 2)
    }
}
