import Foundation
import TestSupport
import Testing

/// Pictures of all kinds through the demo model's VQGAN and back.
@Suite struct ReconstructCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
    }

    private struct Result: Decodable, Equatable {
        let width: Int
        let height: Int
        let codes: [Int]
    }

    private func run(_ arguments: [String]) throws -> Command {
        try Command("dalle-run", ["reconstruct"] + arguments, in: directory.url)
    }

    private func result(_ arguments: [String]) throws -> Result {
        let command = try run(arguments + ["--json", "--force", "-o", "again.png"])
        #expect(command.status == 0, "\(command.error)")
        return try JSONDecoder().decode(Result.self, from: Data(command.output.utf8))
    }

    private func picture(_ name: String) -> String { Fixtures.path("pictures/\(name)") }

    @Test func theModelComesFirstAndTheOldOrderIsUnderstood() throws {
        let first = try result(["demo.model", picture("rgb8.png")])
        #expect(first.width == 128 && first.height == 128 && first.codes.count == 64)
        #expect(try result([picture("rgb8.png"), "demo.model"]) == first)
        #expect(try result([picture("baseline.jpg"), "demo.model"]).codes.count == 64)
    }

    @Test func oneContentHasOneResult() throws {
        let codes = try result(["demo.model", picture("rgb8.png")]).codes
        for name in ["rgb16.png", "rgb16-gamma-100000.png", "rgb8-profile-other.png", "rgba16-none.png"] {
            #expect(try result(["demo.model", picture(name)]).codes == codes, "\(name)")
        }
    }

    @Test func picturesAreScaledUnlessTheySayOtherwise() throws {
        let large = try result(["demo.model", picture("4000x3000.jpg")])
        #expect(large.width == 128 && large.height == 128)
        let kept = try result(["demo.model", Fixtures.path("torch/preprocess_300x200.png"), "--keep-size"])
        #expect(kept.width == 288 && kept.height == 192 && kept.codes.count == 18 * 12)
        let refused = try run(["demo.model", picture("4000x3000.jpg"), "--keep-size", "-o", "b.png"])
        #expect(refused.status == 65 && refused.error.contains("4000 × 3000 pixels"), "\(refused.error)")
    }

    @Test func aVQGANAloneTakesTheUsualSize() throws {
        let command = try Command(
            "dalle-convert", ["vqgan", Fixtures.path("demo/vqgan"), "-o", "vqgan.model"], in: directory.url)
        #expect(command.status == 0, "\(command.error)")
        #expect(try result(["vqgan.model", picture("rgb8.png")]).width == 256)
    }

    @Test func otherFilesAreNamed() throws {
        try Data("RIFF\u{1}\u{0}\u{0}\u{0}WEBPVP8 ".utf8).write(to: directory.url.appending(path: "a.webp"))
        for arguments in [["demo.model", "a.webp"], ["a.webp", "demo.model"]] {
            let command = try run(arguments)
            #expect(command.status == 65, "\(command.error)")
            #expect(command.error.contains("a.webp: ") && command.error.contains("WebP picture"), "\(command.error)")
        }
        let twice = try run(["demo.model", "demo.model"])
        #expect(twice.status == 65 && twice.error.contains("model file of this package"), "\(twice.error)")
        #expect(try run(["demo.model", "nowhere.png"]).status == 66)
    }
}
