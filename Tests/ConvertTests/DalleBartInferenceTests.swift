import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// What is found without config.json against what config.json says.
@Suite struct DalleBartInferenceTests {
    static let variants =
        ((try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("flax/checkpoints"))) ?? []).sorted()

    /// Settings that neither keys nor shapes tell, set to what is assumed.
    private func visible(_ configuration: BartConfiguration, like inferred: BartConfiguration) -> BartConfiguration {
        var visible = configuration
        visible.activation = .gelu
        visible.cosineAttentionTau = nil
        visible.usesDeepNetScaling = false
        visible.sinkhornIterations = 1
        visible.scalesEmbedding = false
        visible.normalizesText = false
        visible.startToken = inferred.startToken
        visible.padToken = inferred.padToken
        visible.endToken = inferred.endToken
        // Heads are seen only where a parameter has one for each.
        if !configuration.usesHeadScale, !configuration.usesPositionBias {
            visible.encoder.heads = inferred.encoder.heads
            visible.decoder.heads = inferred.decoder.heads
        }
        return visible
    }

    @Test(arguments: variants)
    func shapesAndKeysTellTheRest(_ variant: String) throws {
        let directory = Fixtures.path("flax/checkpoints/\(variant)")
        let checkpoint = try FlaxCheckpoint(directory)
        let isStacked = checkpoint.tensors.keys.contains { $0.contains("FlaxBartEncoderLayers") }
        let inferred = try DalleBartInference(checkpoint.tensors, isStacked: isStacked).configuration
        var expected = visible(try DalleBartConfig("\(directory)/config.json").configuration(), like: inferred)
        // Only the unstacked layers of postln can lack the scale of the last norm.
        expected.scalesLastResidualNorm = expected.normPlacement != .postln || isStacked
        var found = inferred
        if found.normPlacement != .postln { found.scalesLastResidualNorm = true }
        // Without absolute positions the lengths are those of both released models.
        if !found.usesAbsolutePositions {
            #expect(found.textLength == 64 && found.imageLength == 256)
            (found.textLength, found.imageLength) = (expected.textLength, expected.imageLength)
        }
        #expect(found == expected)
    }

    /// The parameter trees of the released models, as upstream makes them, without their contents.
    @Test(
        arguments: [
            ("mega, scan", "DALL·E Mega", 32, 16415), ("mega, no scan", "DALL·E Mega", 32, 16415),
            ("mini (released), scan", "DALL·E mini", 16, 16384), ("mini (released), no scan", "DALL·E mini", 16, 16384),
            ("mini (repository config), scan", nil, 16, 16391),
        ] as [(String, String?, Int, Int)])
    func releasedModelsAreRecognised(_ tree: String, _ name: String?, _ heads: Int, _ start: Int) throws {
        struct Entry: Decodable {
            let tree: [String: [Int]]
            let arrays: Int
            let parameters: Int
        }
        let entries = try JSONDecoder().decode([String: Entry].self, from: Fixtures.data("flax/param_tree.json"))
        // One zero stands for every element.
        let directory = try TemporaryDirectory()
        try Data(count: 4).write(to: directory.url.appending(path: "zero"))
        let file = try MappedFile(directory.path("zero"))
        let storage = try CheckpointStorage([.init(file: file, range: 0..<4)], elementSize: 4)
        let entry = try #require(entries[tree])
        // Of single layers the list has the first of each side only.
        var shapes = entry.tree
        for (name, extents) in entry.tree where name.contains("Layer_0/") {
            for layer in 1..<(tree.hasPrefix("mega") ? 24 : 12) {
                shapes[name.replacing("Layer_0/", with: "Layer_\(layer)/")] = extents
            }
        }
        #expect(shapes.count == entry.arrays)
        var tensors: [String: CheckpointTensor] = [:]
        for (name, extents) in shapes {
            tensors[name] = try CheckpointTensor(
                name: name, dtype: .float32, shape: try Shape(extents), storage: storage, start: 0,
                strides: extents.map { _ in 0 })
        }
        let inference = try DalleBartInference(tensors, isStacked: !tree.contains("no scan"))
        let configuration = inference.configuration
        #expect(configuration.normPlacement == .normformer && configuration.usesGLU)
        #expect(configuration.encoder.heads == heads && configuration.decoder.heads == heads)
        #expect(configuration.startToken == start && configuration.imageVocabulary == start + 1)
        #expect(configuration.normalizesText == (name != nil))
        #expect(inference.notes[0].contains(name ?? "inferred"))
        let count = try configuration.tensors().reduce(0) { $0 + $1.shape.count }
        #expect(count == entry.parameters)
    }

    @Test func keysThatFitNothingAreRefused() throws {
        var tensors = try FlaxCheckpoint(Fixtures.path("flax/checkpoints/mini-like")).tensors
        tensors.removeValue(forKey: "model/encoder/layers/FlaxBartEncoderLayers/LayerNorm_1/bias")
        let error = #expect(throws: DalleError.self) { try DalleBartInference(tensors, isStacked: true) }
        #expect(error?.code == .missingInput && error?.remedy?.contains("--config") == true)
    }
}
