import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// min-dalle's files under the names that it keeps them by, and those that they are published by.
@Suite struct MinDalleFilesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func copy(
        _ ending: String, only names: [String] = ["encoder.pt", "decoder.pt", "vocab.json", "merges.txt"]
    )
        throws
    {
        for name in names {
            let parts = name.split(separator: ".")
            let target = directory.path("\(parts[0])\(ending).\(parts[1])")
            try FileManager.default.copyItem(atPath: Fixtures.path("torch/min_dalle/\(name)"), toPath: target)
        }
    }

    private func read(_ name: String = "") throws -> [ImportedComponent] {
        try DalleImport(.minDalle, source: name.isEmpty ? directory.url.path : directory.path(name)).read()
    }

    @Test(arguments: ["", "_mini"])
    func eitherModelIsFoundAlone(_ ending: String) throws {
        try copy(ending)
        try FileManager.default.copyItem(
            atPath: Fixtures.path("torch/min_dalle/detoker.pt"), toPath: directory.path("detoker.pt"))
        let parts = try read()
        #expect(parts.map(\.component.kind) == [.dalleBart, .byteLevelBPE, .vqgan])
        let expected = try MinDalleImport.read(Fixtures.path("torch/min_dalle"), configuration: nil)
        #expect(try parts[0].hasSameContent(as: expected))
        #expect(parts[1].files.contains { $0.hasSuffix("vocab\(ending).json") })
        for name in ["encoder", "decoder"] { #expect(try read("\(name)\(ending).pt").count == 3) }
    }

    /// The tokenizer under the plain names beside DALL·E mini alone.
    @Test func plainNamesBesideMiniAreItsOwn() throws {
        try copy("_mini", only: ["encoder.pt", "decoder.pt"])
        try copy("", only: ["vocab.json", "merges.txt"])
        #expect(try read().count == 2)
    }

    @Test func ofTwoModelsTheUserNamesOne() throws {
        try copy("")
        try copy("_mini", only: ["encoder.pt", "decoder.pt"])
        let error = try dalleError { try read() }
        #expect(error.code == .usage && error.message.contains("encoder.pt and encoder_mini.pt"), "\(error)")
        #expect(try read("encoder.pt").map(\.component.kind) == [.dalleBart, .byteLevelBPE])
        // The vocabulary there is Mega's.
        #expect(try read("encoder_mini.pt").map(\.component.kind) == [.dalleBart])
        try copy("_mini", only: ["vocab.json", "merges.txt"])
        #expect(try read("encoder_mini.pt").count == 2)
    }
}
