import DalleFormat
import Foundation
import TestSupport
import Testing

/// Numbers that are none, or that a type cannot hold, as a user meets them.
@Suite struct NumberCommandTests {
    private let directory: TemporaryDirectory
    private static let tensor = "vqgan.decoder.mid.block_1.conv1.weight"

    /// A VQGAN as safetensors in `vqgan/`, to be spoilt.
    init() throws {
        directory = try TemporaryDirectory()
        let source = Fixtures.path("torch/vqgan_legacy_f32.ckpt")
        try expectSuccess("dalle-convert", "vqgan", source, "-o", "whole.dalle")
        try expectSuccess("dalle-convert", "export", "whole.dalle", "-o", "vqgan")
    }

    private func run(_ name: String, _ arguments: [String]) throws -> Command {
        try Command(name, arguments, in: directory.url)
    }

    private func expectSuccess(_ name: String, _ arguments: String...) throws {
        let command = try run(name, arguments)
        #expect(command.status == 0, "\(command.error)")
    }

    private func expectRefusal(
        _ command: Command, _ texts: String..., output: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(command.status == 65, "\(command.error)", sourceLocation: sourceLocation)
        for text in texts {
            #expect(command.error.contains(text), "\(text) in \(command.error)", sourceLocation: sourceLocation)
        }
        #expect(!directory.contents.contains(output), sourceLocation: sourceLocation)
    }

    /// Writes numbers over those of the tensor, from one on; `index` counts elements.
    private func spoil(_ values: [Float], at index: Int = 600) throws {
        let url = directory.url.appending(path: "vqgan/vqgan.safetensors")
        var data = try Data(contentsOf: url)
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]])
        let offsets = try #require(header[Self.tensor]?["data_offsets"] as? [Int])
        let start = 8 + length + offsets[0] + 4 * index
        let bytes = values.withUnsafeBytes { Data($0) }
        data.replaceSubrange(start..<start + bytes.count, with: bytes)
        try data.write(to: url)
    }

    private func rowLength() throws -> Int {
        let file = try ModelFile(directory.path("whole.dalle"))
        return try #require(file.descriptor(Self.tensor)).shape.rowMajorStrides[0]
    }

    @Test(arguments: [
        (Float(1e5), "float16", "100000.0, over the largest float16"), (65520, "float16", "65520.0, over the largest"),
        (Float(bitPattern: 0x7F7F_8000), "bfloat16", "3.3961775e+38, over the largest bfloat16"), (.nan, "keep", "nan"),
        (.infinity, "float16", "inf"), (-.infinity, "float32", "-inf"),
    ])
    func conversionRefusesWithTensorRowAndValue(_ value: Float, _ type: String, _ text: String) throws {
        try spoil([value])
        let row = try 600 / rowLength()
        let command = try run("dalle-convert", ["flax", "vqgan", "--dtype", type, "-o", "out.dalle"])
        expectRefusal(command, Self.tensor, "row \(row) holds \(text)", "--allow-nonfinite", output: "out.dalle")
        let insisted = ["flax", "vqgan", "--dtype", type, "-o", "out.dalle", "--allow-nonfinite"]
        #expect(try run("dalle-convert", insisted).status == 0)
        let step = Provenance(try ModelFile(directory.path("out.dalle")).metadata).steps.last
        #expect(step?.options["allow_nonfinite"] == true)
    }

    @Test func whatFitsIsNotRefused() throws {
        try spoil([65519.99, -65504, 65504])
        let command = try run("dalle-convert", ["flax", "vqgan", "--dtype", "float16", "-o", "out.dalle"])
        #expect(command.status == 0, "\(command.error)")
    }

    @Test func whatBecomesZeroIsSaid() throws {
        let count = try #require(try ModelFile(directory.path("whole.dalle")).descriptor(Self.tensor)).shape.count
        try spoil([Float](repeating: 1e-9, count: count), at: 0)
        let arguments = ["flax", "vqgan", "--dtype", "float16", "-o", "out.dalle"]
        let command = try run("dalle-convert", arguments)
        let text = "all \(count) numbers of '\(Self.tensor)' become 0 in float16"
        #expect(command.status == 0 && command.error.contains(text), "\(command.error)")
        let json = try run("dalle-convert", arguments + ["--force", "--json"]).json()
        #expect((json["notes"] as? [String])?.first?.contains(text) == true)
        // The same words from the other command.
        try expectSuccess("dalle-convert", "flax", "vqgan", "-o", "float32.dalle")
        let quantised = try run("dalle-quant", ["--fp16", "float32.dalle", "--json"])
        #expect(quantised.error.contains(text), "\(quantised.error)")
        let tensors = try #require(try quantised.json()["tensors"] as? [[String: Any]])
        #expect(tensors.first { $0["name"] as? String == Self.tensor }?["became_zero"] as? Int == count)
        #expect(try !run("dalle-quant", ["--bf16", "float32.dalle"]).error.contains("become 0"))
    }

    /// What is kept by the plan is looked at as well as what is converted.
    @Test func quantisingAndMergingRefuseToo() throws {
        try spoil([.nan])
        try expectSuccess("dalle-convert", "flax", "vqgan", "-o", "nan.dalle", "--allow-nonfinite")
        for option in ["--int8", "--fp16", "--int4"] {
            let command = try run("dalle-quant", [option, "nan.dalle", "-o", "q.dalle"])
            expectRefusal(command, Self.tensor, "holds nan", output: "q.dalle")
        }
        let kept = ["--fp16", "nan.dalle", "-o", "q.dalle", "--keep", "mid"]
        expectRefusal(try run("dalle-quant", kept), Self.tensor, "holds nan", output: "q.dalle")
        #expect(try run("dalle-quant", kept + ["--allow-nonfinite"]).status == 0)
        let merge = ["merge", "nan.dalle", "nan.dalle", "-o", "m.dalle"]
        expectRefusal(try run("dalle-convert", merge), Self.tensor, "holds nan", output: "m.dalle")
        #expect(try run("dalle-convert", merge + ["--allow-nonfinite"]).status == 0)
    }

    @Test func float64BecomesFloat32() throws {
        let writer = try ModelFileWriter(directory.path("wide.dalle"), replacing: false, threads: 1)
        let whole = try ModelFile(directory.path("whole.dalle"))
        for tensor in whole.tensors {
            let floats = try FloatTensor(whole, tensor.name, shape: tensor.shape)
            let doubles = floats.array.map { Double($0) }
            try writer.add(
                tensor.name,
                MemorySource(dtype: .float64, shape: tensor.shape, bytes: doubles.withUnsafeBytes { Array($0) }),
                compression: .none)
        }
        try writer.finish(metadata: whole.metadata, components: whole.components)
        try expectSuccess("dalle-convert", "export", "wide.dalle", "-o", "wide")
        let command = try run("dalle-convert", ["flax", "wide", "-o", "out.dalle"])
        #expect(command.status == 0 && command.error.contains("tensors of float64 become float32"), "\(command.error)")
        // Exact, since they were floats.
        #expect(try ModelFile(directory.path("out.dalle")).content == whole.content)
        // A file that has them already is read.
        let picture = Fixtures.path("torch/preprocess_90x70_grey.png")
        for (model, name) in [("wide.dalle", "a"), ("whole.dalle", "b")] {
            try expectSuccess("dalle-run", "reconstruct", picture, model, "-o", "\(name).png", "--json")
        }
        let pictures = try ["a", "b"].map { try Data(contentsOf: directory.url.appending(path: "\($0).png")) }
        #expect(pictures[0] == pictures[1])
    }

    /// Defaults of a generation are held to what the command line is held to, wherever they come from.
    @Test(arguments: [
        ("top_p", "3"), ("temperature", "1e308"), ("temperature", "5e-324"), ("condition_scale", "1e308"),
    ])
    func generationDefaultsHaveBounds(_ name: String, _ value: String) throws {
        let demo = directory.url.appending(path: "demo")
        try FileManager.default.copyItem(at: Fixtures.directory.appending(path: "demo/dalle"), to: demo)
        try expectSuccess("dalle-convert", "flax", "demo", "-o", "good.dalle")
        try "{\"\(name)\": \(value)}".write(
            to: demo.appending(path: "generation_config.json"), atomically: true, encoding: .utf8)
        let command = try run("dalle-convert", ["flax", "demo", "-o", "out.dalle"])
        expectRefusal(command, "generation_config.json", "'\(name)'", output: "out.dalle")
        let option = "--" + name.replacing("_", with: "-")
        let drawn = try run("dalle-run", ["good.dalle", "a", option, value])
        #expect(drawn.status == 64 && drawn.error.contains(option), "\(drawn.error)")
        // An exported model is read back by the same rules.
        try expectSuccess("dalle-convert", "export", "good.dalle", "-o", "exported")
        let config = directory.path("exported/config.json")
        let text = try String(contentsOfFile: config, encoding: .utf8)
        let changed = text.replacing(try Regex("\"\(name)\": *[0-9.e+-]+"), with: "\"\(name)\": \(value)")
        #expect(changed != text)
        try changed.write(toFile: config, atomically: true, encoding: .utf8)
        expectRefusal(
            try run("dalle-convert", ["flax", "exported", "-o", "out.dalle"]), "'\(name)'", output: "out.dalle")
    }

    /// A setting that leaves tensors unused makes another model of the others.
    @Test func anExportedModelIsHeldAgainstItsSettings() throws {
        let config = directory.path("vqgan/config.json")
        let text = try String(contentsOfFile: config, encoding: .utf8)
        let changed = text.replacing(try Regex("\"encoding\": *\"[a-z]+\""), with: "\"encoding\": \"none\"")
        #expect(changed != text)
        try changed.write(toFile: config, atomically: true, encoding: .utf8)
        let command = try run("dalle-convert", ["flax", "vqgan", "-o", "out.dalle"])
        expectRefusal(command, "vqgan.encoder.", "does not call for", output: "out.dalle")
    }
}
