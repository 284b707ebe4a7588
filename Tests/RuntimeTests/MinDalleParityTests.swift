import DalleConvert
import DalleFormat
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

/// The same weights under min-dalle's names compute what the Flax ones do.
@Suite struct MinDalleParityTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func model(_ change: (inout DalleImport) -> Void = { _ in }) throws -> [ImportedComponent] {
        var request = DalleImport(.minDalle, source: Fixtures.path("torch/min_dalle"))
        request.configuration = Fixtures.path("flax/checkpoints/mini-like/config.json")
        change(&request)
        return try request.read()
    }

    @Test(arguments: ["flax/checkpoints/mini-like/expected.npz", "torch/vqgan_flax.npz"])
    func numbersAreTheFlaxModels(_ reference: String) throws {
        let path = directory.path("model.dalle")
        _ = try ModelAssembly().write(try model(), to: path, step: "test")
        let report = try Verification.run(
            try DalleModel(path), against: try Reference(Fixtures.path(reference)), ComputeContext(.reference))
        #expect(report.pass && !report.checks.isEmpty)
        for check in report.checks { #expect(check.maxAbs < 2e-5, "\(check.name): \(check.maxAbs)") }
    }

    @Test func everythingIsFoundInTheDirectory() throws {
        let parts = try model()
        #expect(parts.map(\.component.kind) == [.dalleBart, .byteLevelBPE, .vqgan])
        let vqgan = try VQGANConfiguration(parts[2].component.configuration)
        // dalle-mini's own VQGAN, of which min-dalle keeps the decoding half.
        #expect(vqgan.pixelRange == .unsigned && vqgan.encoding == .none && vqgan.normEpsilon == 1e-6)
    }

    @Test func shapesTellTheSizes() throws {
        let part = try model { $0.configuration = nil }[0]
        let configuration = try BartConfiguration(part.component.configuration)
        #expect(configuration.width == 64 && configuration.encoder.layers == 2 && configuration.decoder.layers == 3)
        // The id after the codes, as dalle-mini starts, not min-dalle's last code.
        #expect(configuration.startToken == 64 && configuration.imageVocabulary == 65)
        #expect(part.notes.contains { $0.contains("start id 64") })
    }

    @Test func anIncompleteDirectoryIsRefused() throws {
        for name in ["encoder.pt", "vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                atPath: Fixtures.path("torch/min_dalle/\(name)"), toPath: directory.path(name))
        }
        let request = DalleImport(.minDalle, source: directory.url.path)
        let missing = try #require(throws: DalleError.self) { try request.read() }
        #expect(missing.code == .missingInput && missing.file?.hasSuffix("decoder.pt") == true)
        // The encoder in the decoder's place.
        try FileManager.default.copyItem(
            atPath: Fixtures.path("torch/min_dalle/encoder.pt"), toPath: directory.path("decoder.pt"))
        let wrong = try #require(throws: DalleError.self) { try request.read() }
        #expect(wrong.code == .badData && wrong.file?.hasSuffix("decoder.pt") == true, "\(wrong)")
    }
}
