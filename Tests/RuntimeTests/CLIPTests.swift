import DalleFormat
import DalleKernels
import DalleModels
import DalleQuant
import DalleRuntime
import DalleText
import DalleVerification
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// CLIP's numbers against those of OpenAI's and Hugging Face's code, its pictures against Pillow's.
@Suite struct CLIPTests {
    private func floats(_ array: NPYArray) -> [Float] { array.values.map { Float($0) } }

    /// `[3, height, width]`, as PyTorch has pictures, to a row for each pixel.
    private func channelsLast(_ array: NPYArray) -> FeatureMap {
        let (height, width) = (array.shape[1], array.shape[2])
        let values = (0..<height * width).flatMap { pixel in
            (0..<3).map { Float(array.values[$0 * height * width + pixel]) }
        }
        return FeatureMap(
            height: height, width: width, pixels: Matrix(rows: height * width, columns: 3, values: values))
    }

    @Test(arguments: ["model.safetensors", "pytorch_model.bin"])
    func embeddingsAreThoseOfHuggingFace(_ file: String) throws {
        let directory = try TemporaryDirectory()
        let source = Fixtures.path("torch/clip_vit_hf/\(file)")
        let parts = try CLIPImport.read(source)
        #expect(parts.count == 1 && parts[0].notes.contains { $0.contains("no tokenizer") })
        let path = directory.path("clip.dalle")
        _ = try ModelAssembly().write(parts, to: path, step: "test")
        let model = try CLIPModel(try ModelFile(path), ComputeContext(.reference))
        let inputs = try Reference(Fixtures.path("torch/clip_vit.npz"))
        let expected = try Reference(Fixtures.path("torch/clip_vit_hf.npz"))
        let pictures = try inputs.array("images"), texts = try inputs.array("texts")
        var images: [[Float]] = []
        var captions: [[Float]] = []
        for i in 0..<3 {
            images.append(try model.embed(channelsLast(pictures.part(i))))
            captions.append(try model.embed(texts.part(i).integers()))
        }
        let logits = images.flatMap { image in captions.map { model.logit(image, $0) } }
        for (logit, expected) in zip(logits, floats(try expected.array("logits_f16"))) {
            #expect(abs(logit - expected) < 1e-4 * abs(model.logitScale))
        }
        // The archive that the float32 numbers are of keeps norms and embeddings in float32: half precision differs.
        let features = floats(try inputs.array("image_features"))
        for (value, expected) in zip(images.flatMap { $0 }, features) { #expect(abs(value - expected) < 0.02) }
    }

    /// Checkpoint and reference: OpenAI's TorchScript archive, its residual network as a plain state dictionary, and
    /// what Hugging Face's Flax classes save.
    @Test(arguments: [
        ("clip_vit_jit.pt", "clip_vit.npz"), ("clip_rn_state_dict.pt", "clip_rn.npz"), ("clip_flax", "clip_flax.npz"),
    ])
    func vectorsAreTheOriginals(_ checkpoint: String, _ reference: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("clip.dalle")
        _ = try ModelAssembly().write(
            try CLIPImport.read(Fixtures.path("torch/\(checkpoint)"), function: Self.function(checkpoint)), to: path,
            step: "test")
        let fast = Kernels.levels.map { ComputeContext(.fast, kernels: $0, threads: 2) }
        let routes =
            [ComputeContext(.reference, reference: .scalar), ComputeContext(.reference, reference: .openBLAS)] + fast
        for route in routes {
            let report = try Verification.run(
                try DalleModel(path), against: try Reference(Fixtures.path("torch/\(reference)")), route)
            #expect(report.checks.count == 4)
            for check in report.checks {
                // A missing bias or a wrong epsilon shows far above this.
                #expect(check.pass && check.maxAbs < 2e-5, "\(checkpoint) \(check.name): \(check.maxAbs)")
            }
        }
    }

    /// The fast route's whole numbers against the same model's on the plain route, and on every level. Small tensors too,
    /// which would stay floats. Transformers take inputs of two bytes, convolutions of one.
    @Test(arguments: [
        ("clip_vit_jit.pt", "clip_vit.npz", "layers.*weight$|patch|projection=int8"),
        ("clip_rn_state_dict.pt", "clip_rn.npz", "weight$=int8"),
    ])
    func wholeNumbersAreNearTheReferenceAndTheSameEverywhere(
        _ checkpoint: String, _ reference: String, _ rule: String
    ) throws {
        let directory = try TemporaryDirectory()
        let (floats, bytes) = (directory.path("clip.dalle"), directory.path("clip-int8.dalle"))
        _ = try ModelAssembly().write(
            try CLIPImport.read(Fixtures.path("torch/\(checkpoint)"), function: Self.function(checkpoint)), to: floats,
            step: "test")
        let file = try ModelFile(floats)
        let plan = try QuantizationPlan(file, Int8Rows.standard, overrides: [try TensorOverride(rule)])
        _ = try Quantizer(file, plan).write(to: bytes, replacing: false)
        let small = try ModelFile(bytes)
        #expect(small.tensors.count { $0.packing?.coding == .int8 && $0.name.hasPrefix("clip.vision.") } > 6)
        let inputs = try Reference(Fixtures.path("torch/\(reference)"))
        let image = channelsLast(try inputs.array("images").part(0))
        let caption = try inputs.array("texts").part(0).integers()
        func vectors(_ context: ComputeContext) throws -> [Float] {
            let model = try CLIPModel(small, context)
            return try model.embed(image) + model.embed(caption)
        }
        let (plain, fast) = (try vectors(ComputeContext(.reference)), try vectors(ComputeContext(.fast)))
        let largest = plain.map(abs).max() ?? 0
        for (a, b) in zip(plain, fast) { #expect(abs(a - b) < 2e-3 * largest) }
        #expect(Self.cosine(plain, fast) > 0.999)
        for kernels in Kernels.levels {
            for threads in [1, 3] {
                let found = try vectors(ComputeContext(.fast, kernels: kernels, threads: threads))
                #expect(found == fast, "\(kernels.name), \(threads) threads")
            }
        }
    }

    /// What OpenAI's small models do not tell by their shapes.
    private static func function(_ checkpoint: String) -> CLIPFunction {
        checkpoint.hasSuffix(".pt") ? CLIPFunction(activation: .quickGELU, headWidth: 64) : CLIPFunction()
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    private struct TokenCases: Decodable {
        struct Case: Decodable {
            let text: String
            let tokenize: [Int]
        }
        /// The whole list's ids of what the pairs make, and of begin and end.
        let ids: [Int]
        let cases: [Case]
    }

    /// Captions in many scripts, with the part of OpenAI's list that they touch; all ids are the whole list's.
    @Test func tokensAreOpenAIs() throws {
        let known = try JSONDecoder().decode(TokenCases.self, from: Fixtures.data("torch/clip_pairs.json"))
        let directory = try TemporaryDirectory()
        let path = directory.path("clip.dalle")
        let tokenizer = try #require(
            try CLIPTokenizerImport.read(
                directory: directory.url.path, vocabulary: Fixtures.path("torch/clip_pairs.txt"),
                embedded: 512 + known.ids.count))
        _ = try ModelAssembly().write([tokenizer], to: path, step: "test")
        let clip = try CLIPTokenizer(try ModelFile(path))
        #expect(known.cases.count == 62)
        for item in known.cases {
            let ids = clip.encode(item.text, contextLength: 77).map { $0 < 512 ? $0 : known.ids[$0 - 512] }
            #expect(ids == item.tokenize, "\(item.text)")
        }
    }

    @Test(arguments: ["300x200", "101x133", "90x70_grey"])
    func picturesAreResizedAsPillowDoes(_ name: String) throws {
        let reference = try Reference(Fixtures.path("torch/clip_preprocess.npz"))
        let image = try PictureFile.read(Fixtures.path("torch/preprocess_\(name).png"))
        let size = try reference.array("size_\(name)").integers()
        let resized = image.resized(width: size[0], height: size[1])
        let cropped = resized.centerCropped(width: 224, height: 224)
        let rows = try reference.array("u8_\(name)")
        let step = 224 / rows.shape[0]
        var found: [Int] = []
        for y in stride(from: 0, to: 224, by: step) {
            let row = cropped.bytes[(3 * 224 * y)..<(3 * 224 * (y + 1))]
            found += row.map { Int($0) }
        }
        #expect(try found == rows.integers())
    }

    @Test func picturesArePreparedAsOpenAIDoes() throws {
        let reference = try Reference(Fixtures.path("torch/clip_preprocess.npz"))
        let tower = CLIPConfiguration.Tower(
            width: 64, layers: 1, heads: 1, feedForwardWidth: 64, activation: .quickGELU)
        let configuration = CLIPConfiguration(
            text: tower, vision: .transformer(tower, patchSize: 32), vocabulary: 8, contextLength: 8, imageSize: 224,
            projectionWidth: 8)
        let map = try PictureFile.read(Fixtures.path("torch/preprocess_300x200.png")).prepared(configuration)
        let sums = try reference.array("sum_300x200").values
        for channel in 0..<3 {
            let sum = stride(from: channel, to: map.pixels.values.count, by: 3).reduce(0.0) {
                $0 + Double(map.pixels.values[$1])
            }
            #expect(abs(sum - sums[channel]) < 0.02)
        }
        let sampled = try reference.array("tensor_300x200")
        for (i, expected) in sampled.values.enumerated() {
            let (channel, y, x) = (i / 784, i / 28 % 28 * 8, i % 28 * 8)
            #expect(abs(Double(map.pixels.values[3 * (224 * y + x) + channel]) - expected) < 1e-5)
        }
    }
}
