import DalleConvert
import DalleFormat
import DalleModels
import DalleQuant
import DalleRuntime
import Foundation
import TestSupport
import Testing

/// Models that compute no numbers: every stage stops and names what is to blame, on both routes.
@Suite struct NonFiniteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let tensor: String
        let value: Float
        let stage: String
        /// The layer that is named instead of the tensor, whose numbers are finite.
        var layer: String?

        var testDescription: String { "\(tensor) \(value)" }
    }

    /// Norms and biases stay floats in quantised files, and what comes of them becomes bytes.
    static let cases = [
        Case(tensor: "bart.encoder.embedding_norm.bias", value: .nan, stage: "encoder's states"),
        Case(tensor: "bart.encoder.layers.1.feed_forward.pre_norm.bias", value: -.infinity, stage: "encoder's states"),
        Case(tensor: "bart.decoder.embedding_norm.scale", value: .infinity, stage: "the logits of code 1"),
        Case(tensor: "bart.decoder.layers.0.self_attention.pre_norm.bias", value: .nan, stage: "the logits of code 1"),
        Case(tensor: "bart.decoder.layers.1.feed_forward.inner_norm.bias", value: .nan, stage: "the logits of code 1"),
        Case(
            tensor: "bart.decoder.layers.1.cross_attention.post_norm.scale", value: .greatestFiniteMagnitude,
            stage: "the logits of code 1", layer: "layer 1 of the decoder"),
        Case(
            tensor: "bart.encoder.layers.0.self_attention.post_norm.scale", value: .greatestFiniteMagnitude,
            stage: "encoder's states", layer: "layer 0 of the encoder"),
        Case(tensor: "vqgan.post_quant_conv.bias", value: .nan, stage: "the pixels of a picture"),
        Case(tensor: "vqgan.decoder.norm_out.bias", value: .infinity, stage: "the pixels of a picture"),
        Case(tensor: "vqgan.decoder.conv_out.bias", value: .nan, stage: "the pixels of a picture"),
        Case(
            tensor: "vqgan.decoder.norm_out.weight", value: .greatestFiniteMagnitude, stage: "the pixels of a picture",
            layer: "decoder.conv_out"),
    ]

    /// The demo model with a tensor's numbers changed, whatever type it has.
    private static func spoilt(
        _ model: ModelFile, _ name: String, _ path: String, _ change: (inout [Float]) -> Void
    ) throws -> ModelFile {
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        for tensor in model.tensors {
            guard tensor.name == name else {
                try writer.copy(tensor, from: model)
                continue
            }
            var floats = try FloatTensor(model, name, shape: tensor.shape).array
            change(&floats)
            try writer.add(name, MemorySource(floats, tensor.shape), compression: .none)
        }
        try writer.finish(metadata: model.metadata, components: model.components)
        return try ModelFile(path)
    }

    private static func draw(_ file: ModelFile, _ route: ComputeContext.Route, keepingBest: Int? = nil) throws {
        let generator = try ImageGenerator(DalleModel(file), ComputeContext(route))
        try generator.generate(
            [Request(prompt: "a red circle", seed: 1)],
            GenerationOptions(SamplingOptions(generator.defaults), keepingBest: keepingBest)
        ) { _ in }
    }

    private func model(clip: Bool = false) throws -> ConvertedModel {
        try ConvertedModel("demo/dalle", vqgan: "demo/vqgan", clip: clip ? "demo/clip" : nil, weightType: .float32)
    }

    @Test(arguments: [nil, "int8", "int4"], [ComputeContext.Route.reference, .fast])
    func drawingStops(_ scheme: String?, _ route: ComputeContext.Route) throws {
        let whole = try model()
        let file = try scheme.flatMap(QuantizationSchemes.named).map(whole.quantized) ?? whole.file
        try Self.draw(file, route)
        for (number, test) in Self.cases.enumerated() where file.descriptor(test.tensor) != nil {
            let path = whole.directory.path("\(number).dalle")
            let bad = try Self.spoilt(file, test.tensor, path) { values in
                if test.layer == nil {
                    values[values.count / 2] = test.value
                } else {
                    values = values.map { _ in test.value }
                }
            }
            let error = #expect(throws: DalleError.self, "\(test)") { try Self.draw(bad, route) }
            let text = error?.description ?? ""
            #expect(error?.code == .badData && text.contains(test.stage), "\(test): \(text)")
            #expect(text.contains(test.layer ?? "'\(test.tensor)'"), "\(test): \(text)")
        }
        #expect(Self.cases.allSatisfy { file.descriptor($0.tensor) != nil })
    }

    @Test(arguments: [ComputeContext.Route.reference, .fast])
    func picturesAreNotEncodedByWhatIsNoNumber(_ route: ComputeContext.Route) throws {
        let whole = try model()
        let image = Image(width: 32, height: 32, bytes: (0..<32 * 32 * 3).map { UInt8($0 % 251) })
        _ = try VQGANEncoder(whole.file, ComputeContext(route)).codes(image)
        for (name, value, text) in [
            ("vqgan.encoder.conv_in.bias", Float.nan, "'vqgan.encoder.conv_in.bias'"),
            ("vqgan.encoder.norm_out.weight", .greatestFiniteMagnitude, "encoder.conv_out"),
        ] {
            let bad = try Self.spoilt(whole.file, name, whole.directory.path("\(value).dalle")) { values in
                values = values.map { _ in value }
            }
            let error = #expect(throws: DalleError.self) {
                try VQGANEncoder(bad, ComputeContext(route)).codes(image)
            }
            #expect(
                error?.code == .badData && error?.description.contains(text) == true, "\(String(describing: error))")
        }
    }

    @Test(arguments: [ComputeContext.Route.reference, .fast])
    func picturesAreNotRankedByWhatIsNoNumber(_ route: ComputeContext.Route) throws {
        let whole = try model(clip: true)
        try Self.draw(whole.file, route, keepingBest: 1)
        for name in ["clip.logit_scale", "clip.vision.layers.0.feed_forward.down.bias", "clip.text.output_norm.bias"] {
            let bad = try Self.spoilt(whole.file, name, whole.directory.path("\(name).dalle")) { $0[0] = .nan }
            let error = #expect(throws: DalleError.self) { try Self.draw(bad, route, keepingBest: 1) }
            #expect(
                error?.item == name && error?.message.contains("CLIP's scores") == true, "\(String(describing: error))")
        }
    }

    /// What is never touched is nobody's business: a code that is not drawn.
    @Test func whatIsNotUsedDoesNotMatter() throws {
        let whole = try model()
        let name = "bart.encoder.token_embedding"
        let bad = try Self.spoilt(whole.file, name, whole.directory.path("bad.dalle")) { values in
            for i in values.indices.suffix(4) { values[i] = .nan }
        }
        try Self.draw(bad, .fast)
    }

    /// A part, a setting of it, what that is changed to, and what is in the name of a tensor that is left over then.
    private static let settings: [(String, String, MetadataValue, String)] = [
        ("bart", "decoder_layers", 1, "bart.decoder.layers.1."), ("bart", "glu", false, ".feed_forward.gate.weight"),
        ("bart", "encoder_final_norm", false, "final_norm"), ("vqgan", "attention_levels", [], ".attn."),
        ("vqgan", "encoding", "none", "vqgan.encoder."), ("clip", "text_layers", 1, "clip.text.layers.1."),
        ("clip", "vision_layers", 1, "clip.vision.layers.1."),
    ]

    /// Settings that call for fewer tensors than there are.
    @Test(arguments: settings)
    func settingsThatIgnoreTensorsAreRefused(
        _ part: String, _ name: String, _ value: MetadataValue, _ tensor: String
    ) throws {
        let whole = try model(clip: true)
        let path = whole.directory.path("other.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        for tensor in whole.file.tensors { try writer.copy(tensor, from: whole.file) }
        let components = whole.file.components.map { component in
            guard component.name == part else { return component }
            var map = component.configuration
            map[name] = value
            return Component(name: part, kind: component.kind, configuration: map)
        }
        try #require(components != whole.file.components)
        try writer.finish(metadata: whole.file.metadata, components: components)
        let error = #expect(throws: DalleError.self) { try Self.draw(try ModelFile(path), .fast, keepingBest: 1) }
        #expect(
            error?.code == .badData && error?.item?.contains(tensor) == true
                && error?.message.contains("do not call for") == true, "\(String(describing: error))")
    }
}
