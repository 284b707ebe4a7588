import DalleConvert
import DalleFormat
import DalleKernels
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

@testable import DalleQuant

/// The fast route of the VQGAN against upstream's arrays, against the reference route, and against itself in other
/// circumstances. Its plain twin, the reference route, is held against the same arrays in `VQGANParityTests`.
@Suite struct FastVQGANTests {
    private static func model(_ source: String, in directory: TemporaryDirectory) throws -> ModelFile {
        let path = directory.path("vqgan.dalle")
        _ = try ModelAssembly().write([try VQGANImport.read(Fixtures.path(source))], to: path, step: "test")
        return try ModelFile(path)
    }

    private static func quantized(_ file: ModelFile, in directory: TemporaryDirectory) throws -> ModelFile {
        let path = directory.path("int8.dalle")
        _ = try Quantizer(file, try QuantizationPlan(file, Int8Rows.standard)).write(to: path, replacing: false)
        return try ModelFile(path)
    }

    @Test(arguments: 0..<4)
    func pixelsAreUpstreams(_ number: Int) throws {
        let (source, reference, _) = VQGANParityTests.checkpoints[number]
        let directory = try TemporaryDirectory()
        let file = try Self.model(source, in: directory)
        for kernels in Kernels.levels {
            let report = try Verification.run(
                DalleModel(file), against: try Reference(Fixtures.path(reference)),
                ComputeContext(.fast, kernels: kernels, threads: 2))
            #expect(report.checks.contains { $0.name.contains("dec_image") })
            for check in report.checks {
                #expect(check.pass && check.maxAbs < 1e-4, "\(source) \(check.name), \(kernels.name): \(check.maxAbs)")
            }
        }
    }

    /// Images large enough for Winograd's algorithm, for which upstream's arrays are too small: pixels and codes are those of
    /// the reference route.
    @Test(arguments: 0..<4)
    func largeImagesAreTheReferences(_ number: Int) throws {
        let directory = try TemporaryDirectory()
        let file = try Self.model(VQGANParityTests.checkpoints[number].source, in: directory)
        let (height, width) = (27, 30)
        let codes = (0..<height * width).map { $0 * 7919 % 16 }
        let plain = try VQGANDecoder(file, ComputeContext(.reference))
        let expected = try plain.decode(codes, height: height, width: width)
        let picture = try plain.image(codes, height: height, width: width)
        let expectedCodes = try VQGANEncoder(file, ComputeContext(.reference)).codes(picture)
        for kernels in Kernels.levels {
            let context = ComputeContext(.fast, kernels: kernels, threads: 2)
            let found = try VQGANDecoder(file, context).decode(codes, height: height, width: width)
            let worst = zip(found.pixels.values, expected.pixels.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(worst > 0 && worst < 2e-5, "\(kernels.name): \(worst)")
            #expect(try VQGANEncoder(file, context).codes(picture) == expectedCodes, "\(kernels.name)")
        }
    }

    /// Whole numbers give the same picture on every instruction set and with every number of threads.
    @Test(arguments: 0..<4)
    func bytesGiveTheSamePictureEverywhere(_ number: Int) throws {
        let directory = try TemporaryDirectory()
        let file = try Self.model(VQGANParityTests.checkpoints[number].source, in: directory)
        let bytes = try Self.quantized(file, in: directory)
        let codes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
        let expected = try VQGANDecoder(file, ComputeContext(.reference)).decode(codes, height: 3, width: 5)
        let plain = try VQGANDecoder(bytes, ComputeContext(.fast, kernels: .scalar)).decode(codes, height: 3, width: 5)
        let exact = try VQGANDecoder(bytes, ComputeContext(.reference)).decode(codes, height: 3, width: 5)
        // Of random weights and few channels, so that little averages out; trained ones are below.
        let (weights, both) = (Self.psnr(exact, expected, 2), Self.psnr(plain, expected, 2))
        print("\(VQGANParityTests.checkpoints[number].source): \(both) dB, by the weights alone \(weights) dB")
        #expect(both > 33 && both > weights - 5)
        for kernels in Kernels.levels {
            for threads in 1...3 {
                let decoder = try VQGANDecoder(bytes, ComputeContext(.fast, kernels: kernels, threads: threads))
                for _ in 0..<2 {
                    let found = try decoder.decode(codes, height: 3, width: 5)
                    let isSame = found.pixels == plain.pixels
                    #expect(isSame, "\(kernels.name), \(threads) threads")
                }
            }
        }
    }

    @Test func floatsDoNotDependOnThreads() throws {
        let directory = try TemporaryDirectory()
        let file = try Self.model("torch/vqgan_small_f16.ckpt", in: directory)
        let codes = (0..<49).map { $0 % 16 }
        let found = try (1...3).map { threads in
            try VQGANDecoder(file, ComputeContext(.fast, threads: threads)).decode(codes, height: 7, width: 7).pixels
        }
        let areSame = found[0] == found[1] && found[0] == found[2]
        #expect(areSame)
    }

    /// The demo's VQGAN, trained.
    @Test func bytesPaintTheDemo() throws {
        let directory = try TemporaryDirectory()
        let file = try Self.model("demo/vqgan", in: directory)
        let bytes = try Self.quantized(file, in: directory)
        let count = try VQGANDecoder(file, ComputeContext(.reference)).configuration.codebookSize
        let codes = (0..<64).map { $0 * 7919 % count }
        let expected = try VQGANDecoder(file, ComputeContext(.reference)).decode(codes, height: 8, width: 8)
        let exact = try VQGANDecoder(bytes, ComputeContext(.reference)).decode(codes, height: 8, width: 8)
        let float = try VQGANDecoder(file, ComputeContext(.fast)).decode(codes, height: 8, width: 8)
        let found = try VQGANDecoder(bytes, ComputeContext(.fast)).decode(codes, height: 8, width: 8)
        let (weights, both) = (Self.psnr(exact, expected, 1), Self.psnr(found, expected, 1))
        print("demo: \(both) dB, by the weights alone \(weights) dB")
        #expect(both > 44 && Self.psnr(float, expected, 1) > 110)
    }

    /// Weights of whole numbers encode in floats: the codes are those of the reference route.
    @Test func bytesEncodeTheDemo() throws {
        let directory = try TemporaryDirectory()
        let file = try Self.model("demo/vqgan", in: directory)
        let bytes = try Self.quantized(file, in: directory)
        #expect(bytes.tensors.contains { $0.packing != nil && $0.name.hasPrefix("vqgan.encoder.") })
        let count = try VQGANDecoder(file, ComputeContext(.reference)).configuration.codebookSize
        let codes = (0..<64).map { $0 * 7919 % count }
        let picture = try VQGANDecoder(file, ComputeContext(.fast)).image(codes, height: 8, width: 8)
        let plain = try VQGANEncoder(bytes, ComputeContext(.reference))
        let expected = try plain.codes(picture)
        for kernels in Kernels.levels {
            let fast = try VQGANEncoder(bytes, ComputeContext(.fast, kernels: kernels, threads: 2))
            #expect(try fast.codes(picture) == expected, "\(kernels.name)")
        }
    }

    static func psnr(_ found: FeatureMap, _ expected: FeatureMap, _ range: Double) -> Double {
        var sum = 0.0
        for (a, b) in zip(found.pixels.values, expected.pixels.values) { sum += Double(a - b) * Double(a - b) }
        return -10 * log10(sum / Double(found.pixels.values.count) / (range * range))
    }
}
