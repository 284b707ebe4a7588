import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct VQGANImportTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let yaml: String
        let configuration: VQGANConfiguration
        let leftOut: [String]

        var checkpoint: String { Fixtures.path("torch/\(name).ckpt") }
        var testDescription: String { name }
    }

    private static let lightning = ["epoch", "global_step", "pytorch-lightning_version", "callbacks"]
    static let cases = [
        Case(
            name: "vqgan_small_f16", yaml: "vqgan_small.yaml",
            configuration: VQGANConfiguration(
                codebookSize: 64, embeddingWidth: 16, latentChannels: 32, baseChannels: 32, channelMultipliers: [2, 1],
                residualBlocks: 1, attentionLevels: [1], pixelRange: .signed, encoding: .nearest),
            leftOut: ["loss: 49 tensors", "optimizer_states: 8 tensors"] + lightning
                + ["lr_schedulers", "hparams_name", "hyper_parameters", "native_amp_scaling_state"]),
        Case(
            name: "vqgan_gumbel_f16", yaml: "vqgan_gumbel.yaml",
            configuration: VQGANConfiguration(
                codebookSize: 64, embeddingWidth: 32, latentChannels: 32, baseChannels: 32, channelMultipliers: [1, 1],
                residualBlocks: 1, attentionLevels: [1], pixelRange: .signed, encoding: .projection),
            leftOut: ["optimizer_states: 8 tensors"] + lightning + ["lr_schedulers"]),
    ]

    @Test(arguments: cases)
    func imports(_ file: Case) throws {
        let part = try VQGANImport.read(file.checkpoint)
        #expect(part.component.name == "vqgan")
        #expect(part.component.kind == .vqgan)
        #expect(try VQGANConfiguration(part.component.configuration) == file.configuration)
        let expected = try file.configuration.tensors()
        #expect(part.tensors.map(\.name) == expected.map { "vqgan." + $0.name })
        #expect(part.tensors.map(\.source.shape) == expected.map(\.shape))
        #expect(part.tensors.allSatisfy { $0.source.dtype == .float16 })
        #expect(part.leftOut == file.leftOut)
        #expect(part.notes.count == 2)
    }

    @Test(arguments: cases)
    func givesUpstreamsNumbers(_ file: Case) throws {
        let model = try ReferenceVQGAN(try VQGANImport.read(file.checkpoint))
        let arrays = try NumpyArchive("torch/\(file.name).npz")
        let codes = try arrays.array("g4_dec_indices").values.map { Int($0) }
        for image in 0..<2 {
            let latents = model.latents(Array(codes[image * 16..<(image + 1) * 16]), side: 4)
            for (found, name) in [(latents, "g4_dec_post_quant"), (model.firstBlock(latents), "g4_dec_mid_block1")] {
                let expected = try arrays.array(name).values
                let count = expected.count / 2
                let part = expected[image * count..<(image + 1) * count]
                #expect(found.values.count == count)
                #expect(zip(found.channelsFirst, part).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
            }
        }
    }

    @Test(arguments: cases)
    func inferenceAndConfigurationAgree(_ file: Case) throws {
        let part = try VQGANImport.read(file.checkpoint, configuration: Fixtures.path("torch/\(file.yaml)"))
        #expect(try VQGANConfiguration(part.component.configuration) == file.configuration)
        #expect(part.notes.count == 1)
    }

    @Test func takesThePixelRangeGiven() throws {
        let part = try VQGANImport.read(Self.cases[0].checkpoint, pixelRange: .unsigned)
        #expect(try VQGANConfiguration(part.component.configuration).pixelRange == .unsigned)
        #expect(part.notes.count == 1)
    }

    // MARK: Names

    private var tensors: [String: CheckpointTensor] {
        get throws { try TorchCheckpoint(Self.cases[0].checkpoint).tensors }
    }

    @Test(arguments: ["first_stage_model.", "model.", "module."])
    func findsNamesBehindAPrefix(_ prefix: String) throws {
        var renamed: [String: CheckpointTensor] = [:]
        for (name, tensor) in try tensors { renamed[prefix + name] = tensor }
        renamed["transformer.wte.weight"] = renamed[prefix + "quant_conv.bias"]
        let part = try VQGANImport.part(from: try VQGANTensorSet(renamed), settings: nil, pixelRange: nil)
        #expect(try VQGANConfiguration(part.component.configuration) == Self.cases[0].configuration)
        #expect(
            part.leftOut == ["loss: 49 tensors", "transformer: 1 tensor"])
    }

    @Test func infersChannelsWithoutEncoderOrConfiguration() throws {
        let decoder = try tensors.filter { !$0.key.hasPrefix("encoder.") }
        let part = try VQGANImport.part(from: try VQGANTensorSet(decoder), settings: nil, pixelRange: nil)
        var expected = Self.cases[0].configuration
        expected.encoding = .none
        #expect(try VQGANConfiguration(part.component.configuration) == expected)
        #expect(part.leftOut == ["loss: 49 tensors", "quant_conv: 2 tensors"])
    }

    @Test func anEncoderThatDoesNotFitIsRefused() throws {
        let error = try refusal {
            $0["encoder.conv_in.weight"] = try $0["post_quant_conv.weight"]?.permuted([1, 0, 2, 3])
        }
        #expect(error.item == "encoder.conv_in.weight" || error.item == "post_quant_conv.weight", "\(error)")
        #expect(try refusal { $0["encoder.mid.attn_1.k.bias"] = nil }.item == "encoder.mid.attn_1.k.bias")
    }

    @Test func importsFlaxNamesAndAxes() throws {
        let data = try JSONSerialization.jsonObject(with: Fixtures.data("torch/vqgan_flax_names.json"))
        let names = try #require(data as? [[Any]]).map { ($0[0] as? String ?? "", $0[1] as? [Int] ?? []) }
        var tensors: [String: CheckpointTensor] = [:]
        let file = try MappedFile(Fixtures.path("torch/vqgan_flax/flax_model.msgpack"))
        for (name, extents) in names {
            let shape = try Shape(extents)
            let piece = CheckpointStorage.Chunk(file: file, range: 0..<shape.byteCount(.float32))
            tensors[name] = try CheckpointTensor(
                name: name, dtype: .float32, shape: shape, storage: CheckpointStorage([piece], elementSize: 4))
        }
        let settings = try VQGANSettings(Fixtures.path("torch/vqgan_flax/config.json"))
        let part = try VQGANImport.part(from: try VQGANTensorSet(tensors), settings: settings, pixelRange: nil)
        let configuration = try VQGANConfiguration(part.component.configuration)
        #expect(configuration.pixelRange == .unsigned)
        #expect(configuration.attentionLevels == [1])
        #expect(part.tensors.map(\.name) == (try configuration.tensors().map { "vqgan." + $0.name }))
        #expect(part.leftOut.isEmpty && configuration.encoding == .nearest)
        // [height, width, in, out] became [out, height, width, in].
        let kernel = try #require(tensors["decoder/conv_out/kernel"])
        let imported = try #require(part.tensors.first { $0.name == "vqgan.decoder.conv_out.weight" }?.source)
        #expect(kernel.shape == [3, 3, 32, 3])
        #expect(imported.shape == [3, 3, 3, 32])
        let (from, to) = (try kernel.numbers(), try imported.numbers())
        for (out, row, column, channel) in [(0, 0, 0, 1), (2, 0, 1, 0), (1, 2, 0, 31)] {
            #expect(
                to[((out * 3 + row) * 3 + column) * 32 + channel] == from[((row * 3 + column) * 32 + channel) * 3 + out]
            )
        }
    }

    // MARK: Refusals

    private func refusal(_ change: (inout [String: CheckpointTensor]) throws -> Void) throws -> DalleError {
        var changed = try tensors
        try change(&changed)
        return try dalleError {
            try VQGANImport.part(from: try VQGANTensorSet(changed), settings: nil, pixelRange: nil)
        }
    }

    @Test(arguments: [
        "quantize.embedding.weight", "post_quant_conv.bias", "decoder.mid.attn_1.q.weight",
        "decoder.up.0.block.1.conv1.weight", "decoder.up.0.block.0.nin_shortcut.bias", "decoder.up.1.attn.1.k.bias",
        "decoder.up.1.upsample.conv.weight", "decoder.norm_out.weight", "decoder.conv_out.bias",
    ])
    func namesTheTensorThatIsMissing(_ name: String) throws {
        let error = try refusal { $0[name] = nil }
        #expect(error.message == "the tensor is missing")
        #expect(error.item == name)
        #expect(error.code == .badData)
    }

    @Test(arguments: [
        "decoder.extra.weight", "post_quant_conv.extra", "quantize.used", "decoder.up.1.block.2.norm1.bias",
    ])
    func refusesTensorsItDoesNotKnow(_ name: String) throws {
        let error = try refusal { $0[name] = $0["post_quant_conv.bias"] }
        #expect(error.message.contains("does not have"))
        #expect(error.item == name)
    }

    @Test func leavesRunningAveragesOfTheCodebookOut() throws {
        var changed = try tensors
        changed["quantize.embedding.cluster_size"] = changed["post_quant_conv.bias"]
        let part = try VQGANImport.part(from: try VQGANTensorSet(changed), settings: nil, pixelRange: nil)
        #expect(part.leftOut.contains("quantize.embedding: 1 tensor"))
    }

    @Test func refusesAnotherShape() throws {
        let error = try refusal { $0["decoder.conv_out.weight"] = $0["decoder.conv_in.weight"] }
        #expect(error.message == "has shape [32, 32, 3, 3], expected [3, 64, 3, 3]")
    }

    @Test func refusesOtherModels() throws {
        let error = try dalleError { try VQGANImport.read(Fixtures.path("torch/tricky_zip.pt")) }
        #expect(error.message.contains("holds no VQGAN"))
        #expect(error.file == Fixtures.path("torch/tricky_zip.pt"))
    }
}
