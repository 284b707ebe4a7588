import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// The files of `fixtures/hostile`; its README says what each one did once.
@Suite(.serialized) struct HostileFileTests {
    private static let files: [(Reader, String, String)] = [
        (.flax, "MessagePack/terminal.msgpack", "'a\\u{a}\\u{1b}[2J\\u{202e}': is no array"),
        (.flax, "MessagePack/long_name.msgpack", "a name of more than 512 bytes"),
        (.flax, "MessagePack/same_path.msgpack", "'a/b': is there twice"),
        (.flax, "MessagePack/marks.msgpack", "more than 128 marks in a row"),
        (.flax, "MessagePack/nested_claims.msgpack", "bytes are declared and"),
        (.model, "MessagePack/many_layers.msgpack", "is 1099511627776, expected an integer from"),
        (.torch, "Torch/repeated_modules.pt", "holds no tensors"),
        (.torch, "Torch/shared_module.pt", "holds no tensors"),
        (.npz, "Zip/combining_stroke.npz", "leads out of the archive"),
        (.safetensors, "Safetensors/same_name.safetensors", "has a key that is there twice"),
        (.dalleConfig, "Settings/image_vocab_size.json", "expected a number of image codes"),
        (.dalleConfig, "Settings/marks.json", "more than 128 marks in a row"),
        (.dalleConfig, "Settings/spelled_marks.json", "more than 128 marks in a row"),
        (.tensors, "Settings/itself.bin.index.json", "expected a file name, and of no index"),
        (.tensors, "Settings/elsewhere.bin.index.json", "expected a file name, and of no index"),
        (.vqganSettings, "Settings/anchored_values.yaml", "stands for more than 16384 values"),
        (.vqganSettings, "Settings/brackets.yaml", "is neither YAML nor JSON"),
        (.merges, "Settings/lines.txt.gz", "has more than 1048576 lines"),
        (.merges, "Settings/claim.txt.gz", "says it decompresses to 12582912 bytes"),
        (.picture, "PNG/huge.png", "a picture of 16384 × 16384 pixels in 74 bytes"),
    ]

    @Test(arguments: files)
    func isRefusedAtOnce(_ reader: Reader, _ name: String, _ message: String) throws {
        let path = Fixtures.path("hostile/\(name)")
        let before = peakMemory()
        let duration = ContinuousClock().measure {
            let error = #expect(throws: DalleError.self) { try reader.read(path) }
            #expect(error?.code == .badData)
            #expect(error?.file == path)
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
        #expect(duration < .seconds(10))
        #expect(peakMemory() - before < 1 << 28)
    }

    /// Keys that stand for more values than there is time to compare are compared by their names.
    @Test(arguments: ["Settings/anchors.yaml", "Settings/anchors_after_mark.yaml"])
    func isReadAtOnce(_ name: String) throws {
        let duration = try ContinuousClock().measure {
            let settings = try VQGANSettings(Fixtures.path("hostile/\(name)"))
            #expect(settings.channelMultipliers == [1, 2])
        }
        #expect(duration < .seconds(10))
    }

    /// No elements are no elements, wherever they are said to be.
    @Test func partsOfNothingAreNothing() throws {
        let tensor = try #require(try TorchCheckpoint(Fixtures.path("hostile/Torch/empty_far_away.pt")).tensors["a"])
        #expect(tensor.shape == [2, 0])
        #expect(try tensor.slice(1).shape == [0])
        #expect(try tensor.rows(1..<2).permuted([1, 0]).shape == [0, 1])
    }

    @Test func everyFileIsTried() throws {
        let tried = try String(contentsOfFile: #filePath, encoding: .utf8)
        let found = try FileManager.default.subpathsOfDirectory(atPath: Fixtures.path("hostile"))
        // References need a model: VerifyCommandTests.
        for name in found where name.contains("/") && !name.hasPrefix("Reference") { #expect(tried.contains(name)) }
    }

    @Test(arguments: [
        (4 << 20, "has 4194305 bytes of text, expected at most 4194304")
    ])
    func longSettingsAreNotParsed(_ count: Int, _ message: String) throws {
        let directory = try TemporaryDirectory()
        try Data(repeating: UInt8(ascii: "["), count: count + 1).write(to: directory.url.appending(path: "config.json"))
        let error = #expect(throws: DalleError.self) { try DalleBartConfig(directory.path("config.json")) }
        #expect(error?.description.contains(message) == true)
    }

    /// An error repeats what a file says; it stays a line or two.
    @Test func errorsStayShort() {
        let name = String(repeating: "é\u{301}", count: 100_000) + "end"
        let error = DalleError(.badData, "is \(name)", file: "f", item: name)
        #expect(error.description.utf8.count < 8192)
        #expect(error.description.hasSuffix("end"))
        #expect(DalleError(.badData, "is 'fuchs 🦊 ❤️'", file: "f").description == "f: is 'fuchs 🦊 ❤️'")
    }
}
