import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// Models are found under whatever stands before their names.
@Suite struct WrappedModelTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Chains that trainers, compilers, averages and models around a model leave.
    static let prefixes = [
        "module.", "_orig_mod.", "model.", "state_dict.", "params.", "params_ema.", "generator.", "ema.",
        "vae.model.", "first_stage_model.", "module._orig_mod.model.", "net_g.module.", "0.",
    ]

    private func file(_ name: String, _ tensors: [String: CheckpointTensor], prefix: String) throws -> String {
        let renamed = Dictionary(uniqueKeysWithValues: tensors.map { (prefix + $0.key, $0.value) })
        try SafetensorsBuilder.write(renamed, to: directory.path(name))
        return directory.path(name)
    }

    private func copy(_ fixture: String, as name: String) throws {
        try FileManager.default.copyItem(atPath: Fixtures.path(fixture), toPath: directory.path(name))
    }

    @Test(arguments: prefixes)
    func vqgan(_ prefix: String) throws {
        let plain = Fixtures.path("torch/vqgan_small_f16.ckpt")
        let tensors = try TorchCheckpoint(plain).tensors
        let part = try VQGANImport.read(try file("last.ckpt", tensors, prefix: prefix))
        #expect(try part.hasSameContent(as: try VQGANImport.read(plain)))
        #expect(part.leftOut == ["loss: 49 tensors"] || prefix != "" && part.leftOut.count == 1)
    }

    @Test(arguments: prefixes)
    func clipOfHuggingFace(_ prefix: String) throws {
        let plain = Fixtures.path("torch/clip_vit_hf")
        let tensors = try Checkpoint("\(plain)/model.safetensors").tensors
        _ = try file("model.safetensors", tensors, prefix: prefix)
        try copy("torch/clip_vit_hf/config.json", as: "config.json")
        let part = try CLIPImport.read(directory.url.path)[0]
        #expect(try part.hasSameContent(as: try CLIPImport.read(plain)[0]))
    }

    @Test(arguments: prefixes)
    func clipOfOpenAI(_ prefix: String) throws {
        let plain = Fixtures.path("torch/clip_rn_state_dict.pt")
        let tensors = try Checkpoint(plain).tensors
        let function = CLIPFunction(activation: .quickGELU, headWidth: 64)
        let part = try CLIPImport.read(try file("clip.pt", tensors, prefix: prefix), function: function)[0]
        #expect(try part.hasSameContent(as: try CLIPImport.read(plain, function: function)[0]))
    }

    @Test(arguments: ["module.", "_orig_mod.", "ema.model."])
    func minDalle(_ prefix: String) throws {
        let plain = Fixtures.path("torch/min_dalle")
        for side in ["encoder", "decoder"] {
            let tensors = try Checkpoint("\(plain)/\(side).pt").tensors
            _ = try file("\(side).pt", tensors, prefix: prefix)
        }
        let part = try MinDalleImport.read(directory.url.path, configuration: nil)
        #expect(try part.hasSameContent(as: try MinDalleImport.read(plain, configuration: nil)))
    }

    /// A Flax tree inside others, as flax's TrainState is saved: its optimiser's moments have the parameters' names.
    @Test func dalleInATrainState() throws {
        let plain = "flax/checkpoints/mini-like"
        let tree = try Fixtures.data("\(plain)/flax_model.msgpack")
        func text(_ text: String) -> Data { Data([0xA0 | UInt8(text.utf8.count)]) + Data(text.utf8) }
        func map(_ entries: (String, Data)...) -> Data {
            entries.reduce(Data([0x80 | UInt8(entries.count)])) { $0 + text($1.0) + $1.1 }
        }
        let moments = map(("0", map(("mu", tree), ("nu", tree))), ("1", map()))
        let states = [
            map(("params", tree)), map(("params", map(("params", tree)))),
            map(
                ("step", Data([7])), ("params", tree), ("opt_state", moments), ("note", text("x")),
                ("none", Data([0xC0]))),
        ]
        let expected = try DalleBartImport.read(Fixtures.path(plain), configuration: nil)
        try copy("\(plain)/config.json", as: "config.json")
        for (number, state) in states.enumerated() {
            try state.write(to: directory.url.appending(path: "flax_model.msgpack"))
            let part = try DalleBartImport.read(directory.url.path, configuration: nil)
            #expect(try part.hasSameContent(as: expected), "\(number)")
            #expect(number < 2 ? part.leftOut.isEmpty : part.leftOut.last == "none", "\(part.leftOut)")
        }
        // Two sets of parameters: which one is for the user to say.
        try map(("params", tree), ("ema", tree)).write(to: directory.url.appending(path: "flax_model.msgpack"))
        let error = try dalleError { try DalleBartImport.read(directory.url.path, configuration: nil) }
        #expect(error.code == .usage && error.message.contains("'ema' and 'params'"), "\(error)")
        let chosen = try DalleBartImport.read(directory.url.path, configuration: nil, prefix: "ema")
        #expect(try chosen.hasSameContent(as: expected))
    }

    /// A Flax tree in a safetensors file, its levels joined by full stops.
    @Test func dalleInSafetensors() throws {
        let plain = Fixtures.path("flax/checkpoints/noscan")
        let tensors = try FlaxCheckpoint(plain).tensors
        let dotted = Dictionary(
            uniqueKeysWithValues: tensors.map { ($0.key.replacing("/", with: "."), $0.value) })
        let path = try file("dalle.safetensors", dotted, prefix: "params.")
        let config = "\(plain)/config.json"
        let part = try DalleBartImport.read(path, configuration: config)
        #expect(try part.hasSameContent(as: try DalleBartImport.read(plain, configuration: nil)))
    }

    @Test func ofTwoModelsTheUserSaysWhich() throws {
        let tensors = try TorchCheckpoint(Fixtures.path("torch/vqgan_small_f16.ckpt")).tensors
        let other = try TorchCheckpoint(Fixtures.path("torch/vqgan_gumbel_f16.ckpt")).tensors
        var both = Dictionary(uniqueKeysWithValues: tensors.map { ("net.ema." + $0.key, $0.value) })
        for (name, tensor) in other { both["net.generator." + name] = tensor }
        both["optimizer.state.decoder.conv_in.weight"] = other["decoder.conv_in.weight"]
        let path = try file("both.safetensors", both, prefix: "")
        let error = try dalleError { try VQGANImport.read(path) }
        #expect(error.code == .usage && error.message.contains("'net.ema' and 'net.generator'"), "\(error)")
        #expect(error.remedy?.contains("--prefix") == true)
        let first = try VQGANImport.read(path, prefix: "net.ema")
        #expect(try first.hasSameContent(as: try VQGANImport.read(Fixtures.path("torch/vqgan_small_f16.ckpt"))))
        // A whole model there is left out and said; a full stop at the end is no other place.
        #expect(first.leftOut.contains { $0.hasPrefix("net: ") })
        let second = try VQGANImport.read(path, prefix: "net.generator.")
        #expect(try second.hasSameContent(as: try VQGANImport.read(Fixtures.path("torch/vqgan_gumbel_f16.ckpt"))))
        let wrong = try dalleError { try VQGANImport.read(path, prefix: "net") }
        #expect(wrong.remedy?.contains("'net.ema', 'net.generator'") == true, "\(wrong)")
    }

    /// Dictionaries in a PyTorch file, of which one is called state_dict: the others count too.
    @Test func dictionariesBesideTheStateDictionary() throws {
        let plain = try TorchCheckpoint(Fixtures.path("torch/vqgan_small_f16.ckpt"))
        #expect(plain.stateName == "state_dict")
        // The optimiser's state is there, under its own name.
        #expect(plain.otherTensors.keys.contains { $0.hasPrefix("optimizer_states.") })
        var tensors = plain.tensors
        for (name, tensor) in plain.tensors {
            tensors["ema." + name] = try tensor.permuted(Array(0..<tensor.shape.rank))
        }
        // The same bytes twice are one model.
        #expect(try VQGANTensorSet(tensors, top: "state_dict")["decoder.conv_out.bias"] != nil)
        tensors["ema.decoder.conv_out.bias"] = plain.tensors["decoder.conv_in.bias"]
        let error = try dalleError { try VQGANTensorSet(tensors, top: "state_dict") }
        #expect(error.message.contains("'ema' and 'state_dict'"), "\(error)")
        for place in ["state_dict", "", "ema"] { _ = try VQGANTensorSet(tensors, top: "state_dict", prefix: place) }
    }

    // MARK: Axes of length 1

    /// Group norms as Flax up to 0.3.5 kept them, and 1 × 1 convolutions as dense layers.
    @Test func axesOfLengthOneMayBeMoreOrFewer() throws {
        let plain = Fixtures.path("torch/vqgan_flax")
        let expected = try VQGANImport.read(plain)
        var tensors = try Checkpoint("\(plain)/flax_model.msgpack").tensors
        for (name, tensor) in tensors where tensor.shape.rank == 1 && name.contains("norm") {
            tensors[name] = try tensor.reshaped([1, 1, 1, tensor.shape.count])
        }
        for (name, tensor) in tensors where tensor.shape.extents.starts(with: [1, 1]) && tensor.shape.rank == 4 {
            guard name.hasSuffix("/kernel") else { continue }
            tensors[name] = try tensor.reshaped(Array(tensor.shape.extents.suffix(2)))
        }
        let settings = try VQGANSettings("\(plain)/config.json")
        let part = try VQGANImport.part(from: try VQGANTensorSet(tensors), settings: settings, pixelRange: nil)
        #expect(try part.hasSameContent(as: expected))

        let checkpoint = Fixtures.path("torch/vqgan_small_f16.ckpt")
        var torch = try TorchCheckpoint(checkpoint).tensors
        for (name, tensor) in torch where tensor.shape.rank == 4 && tensor.shape.extents.suffix(2) == [1, 1] {
            torch[name] = try tensor.reshaped(Array(tensor.shape.extents.prefix(2)))
        }
        for (name, tensor) in torch where tensor.shape.rank == 1 && name.contains("norm") {
            torch[name] = try tensor.reshaped([1, tensor.shape.count, 1, 1])
        }
        let linear = try VQGANImport.part(from: try VQGANTensorSet(torch), settings: nil, pixelRange: nil)
        #expect(try linear.hasSameContent(as: try VQGANImport.read(checkpoint)))
    }

    /// Messages give name and shape as the file has them.
    @Test func errorsGiveTheFilesOwnShape() throws {
        var torch = try TorchCheckpoint(Fixtures.path("torch/vqgan_small_f16.ckpt")).tensors
        torch["decoder.conv_out.weight"] = torch["decoder.conv_in.weight"]
        let error = try dalleError {
            try VQGANImport.part(from: try VQGANTensorSet(torch), settings: nil, pixelRange: nil)
        }
        #expect(error.message == "has shape [32, 32, 3, 3], expected [3, 64, 3, 3]", "\(error)")

        var flax = try Checkpoint(Fixtures.path("torch/vqgan_flax/flax_model.msgpack")).tensors
        flax["decoder/norm_out/scale"] = flax["decoder/conv_out/kernel"]
        var renamed: [String: CheckpointTensor] = [:]
        for (name, tensor) in flax { renamed["params/vae/" + name] = tensor }
        renamed["params/vae/decoder/conv_out/bias"] = nil
        let missing = try dalleError {
            try VQGANImport.part(from: try VQGANTensorSet(renamed), settings: nil, pixelRange: nil)
        }
        #expect(missing.message.contains("has shape [3, 3, 32, 3], expected [32]"), "\(missing)")
        renamed["params/vae/decoder/norm_out/scale"] = renamed["params/vae/decoder/norm_out/bias"]
        let named = try dalleError {
            try VQGANImport.part(from: try VQGANTensorSet(renamed), settings: nil, pixelRange: nil)
        }
        #expect(named.item == "params/vae/decoder/conv_out/bias", "\(named)")
    }
}
