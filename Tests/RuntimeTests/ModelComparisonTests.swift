import DalleConvert
import DalleFormat
import DalleModels
import DalleQuant
import DalleRuntime
import Foundation
import TestSupport
import Testing

@testable import DalleVerification

/// One precision of a model against another.
@Suite struct ModelComparisonTests {
    private let directory: TemporaryDirectory
    private let file: ModelFile

    init() throws {
        let model = try ConvertedModel("flax/checkpoints/mini-like", vqgan: "torch/vqgan_flax", weightType: .float32)
        (directory, file) = (model.directory, model.file)
    }

    private func quantized(_ scheme: any QuantizationScheme) throws -> ModelFile {
        let path = directory.path("\(scheme.name).dalle")
        _ = try Quantizer(file, try QuantizationPlan(file, scheme)).write(to: path, replacing: false)
        return try ModelFile(path)
    }

    private func compare(_ file: ModelFile, _ bounds: [ComparisonReport.Measure: Double] = [:]) throws
        -> ComparisonReport
    {
        var comparison = ModelComparison()
        comparison.pictures = 2
        comparison.bounds = bounds
        return try comparison.run(DalleModel(file), against: DalleModel(self.file), ComputeContext(.reference))
    }

    @Test func aModelIsEqualToItself() throws {
        let report = try compare(file, [.maxKL: 0, .codesEqual: 1, .ssim: 1, .psnr: 100])
        #expect(report.pass && report.checks.count == ComparisonReport.Measure.allCases.count)
        for measure in [ComparisonReport.Measure.sameTop, .sameCode, .codesEqual] {
            #expect(report.values[measure] == 1)
        }
        #expect(report.values[.psnr] == .infinity && report.values[.maxAbs] == 0 && report.pictures == 2)
    }

    @Test func fewerBitsAreFurtherAway() throws {
        let half = try compare(try quantized(FloatCast.float16))
        let eight = try compare(try quantized(Int8Rows.standard))
        let four = try compare(try quantized(Int4Rows.standard))
        let divergences = [half, eight, four].map { $0.values[.meanKL] ?? .nan }
        #expect(divergences == divergences.sorted() && divergences[0] > 0, "\(divergences)")
        #expect(half.values[.cosine] ?? 0 > 0.99999)
        #expect(half.pass && eight.pass && four.pass)
        let gated = try compare(try ModelFile(directory.path("int4.dalle")), [.meanKL: 1e-12, .ssim: 0.01])
        #expect(!gated.pass && gated.checks.filter { !$0.pass }.map(\.name) == ["mean_kl"])
    }

    /// The bounds of a type hold unless others are given; nothing is said to be within bounds that has none.
    @Test func typesHaveBounds() throws {
        let eight = try compare(try quantized(Int8Rows.standard))
        #expect(eight.precisions == ["dalle-bart": .int8, "vqgan": .int8])
        let bounded = eight.checks.filter { $0.bound != nil }.map(\.name)
        #expect(bounded == ["mean_kl", "cosine", "psnr", "ssim"] && eight.verdict.contains("4 of 9"))
        #expect(eight.checks.first { $0.name == "mean_kl" }?.bound == 2e-3)
        #expect(eight.rows.first { $0[1] == "max_abs" }?[0] == "")
        // The coarser of both decides, whichever is judged.
        #expect(ComparedPrecision.int8.coarser(.float32) == .int8 && ComparedPrecision.float16.coarser(.int4) == .int4)
        let itself = try compare(file)
        #expect(itself.precisions == ["dalle-bart": .float32, "vqgan": .float32] && itself.pass)
        let bounds = ComparedPrecision.allCases.compactMap { $0.logits[.meanKL] }
        #expect(bounds == bounds.sorted() && bounds.count == 5)
    }

    /// Files that compute no numbers are not equal to themselves.
    @Test(arguments: ["vqgan.decoder.conv_in.bias", "bart.decoder.logits.weight", "bart.encoder.embedding_norm.bias"])
    func whatIsNoNumberFails(_ name: String) throws {
        let path = directory.path("nan.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        for tensor in file.tensors {
            guard tensor.name == name else {
                try writer.copy(tensor, from: file)
                continue
            }
            let numbers = [Float](repeating: .nan, count: tensor.shape.count)
            try writer.add(name, MemorySource(numbers, tensor.shape), compression: .none)
        }
        try writer.finish(metadata: file.metadata, components: file.components)
        let bad = try ModelFile(path)
        for route in [ComputeContext.Route.reference, .fast] {
            var comparison = ModelComparison()
            comparison.pictures = 1
            for base in [bad, file] {
                let report = try comparison.run(DalleModel(bad), against: DalleModel(base), ComputeContext(route))
                let failed = report.checks.filter { !$0.pass }.map(\.name)
                let expected = name.hasPrefix("vqgan") ? ["psnr", "ssim"] : ["mean_kl", "max_kl", "cosine", "max_abs"]
                #expect(expected.allSatisfy { failed.contains($0) }, "\(route): \(failed)")
                #expect(report.verdict.contains("failed") && !report.pass)
            }
        }
    }

    /// Not even a bound without end lets a number pass that is none.
    @Test func aReferenceIsNotMetByWhatIsNoNumber() {
        func check(_ found: Float, _ expected: Double, _ bound: Double) -> VerificationReport.Check {
            .numbers("a", [1, found], NPYArray(shape: [2], values: [1, expected]), bound: bound)
        }
        #expect(check(2, 2.5, 1).pass && check(2, 2.5, .infinity).pass)
        for (found, expected) in [(Float.nan, 2.0), (2, .nan), (.nan, .nan), (.infinity, .infinity), (2, .infinity)] {
            let check = check(found, expected, .infinity)
            #expect(!check.pass && check.maxAbs == .infinity, "\(found) \(expected)")
        }
        #expect(VQGANConfiguration.PixelRange.signed.unitOrNaN(-.infinity).isNaN)
        #expect(VQGANConfiguration.PixelRange.signed.unitOrNaN(-3) == 0)
    }

    @Test func whatIsNotThereIsSaidAndFailsItsBound() throws {
        let path = directory.path("bart.dalle")
        let parts = try DalleImport(.flax, source: Fixtures.path("flax/checkpoints/mini-like")).read()
        _ = try ModelAssembly().write(parts, to: path, step: "test")
        let report = try compare(try ModelFile(path), [.psnr: 40])
        #expect(!report.pass && report.notes.contains { $0.contains("vqgan") })
        #expect(report.checks.first { $0.name == "psnr" }?.value == nil)
    }

    @Test func anotherModelIsRefused() throws {
        let path = directory.path("other.dalle")
        let parts = try DalleImport(.flax, source: Fixtures.path("flax/checkpoints/mega-like")).read()
        _ = try ModelAssembly().write(parts, to: path, step: "test")
        let error = #expect(throws: DalleError.self) { try compare(try ModelFile(path)) }
        #expect(error?.code == .badData && error?.message.contains("settings differ") == true)
    }

    /// −Σ by hand: p = (½, ½), q = (¾, ¼).
    @Test func theDivergenceIsThatOfTheFormula() {
        let expected = 0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25)
        let found = LogitsComparison.divergence([7, 7], [log(3.0), 0])
        #expect(abs(found - expected) < 1e-12)
        #expect(LogitsComparison.divergence([1, 2, 3], [1001, 1002, 1003]) < 1e-12)
        var comparison = LogitsComparison()
        comparison.add(expected: [1, 2] as [Float], found: [Float.nan, 1])
        #expect(comparison.largestDivergence == .infinity)
    }

    @Test func similarityIsThatOfTheFormula() {
        func plane(_ value: (Int, Int) -> Double) -> PictureSimilarity.Plane {
            .init(width: 16, height: 12, values: (0..<192).map { value($0 % 16, $0 / 16) })
        }
        let stripes = plane { x, _ in Double(x % 2) }
        #expect(abs(PictureSimilarity.ssim(stripes, stripes) - 1) < 1e-12)
        // Constant pictures: only the means differ.
        let (low, high) = (plane { _, _ in 0.2 }, plane { _, _ in 0.6 })
        let expected = (2 * 0.2 * 0.6 + 1e-4) / (0.04 + 0.36 + 1e-4)
        #expect(abs(PictureSimilarity.ssim(low, high) - expected) < 1e-9)
        #expect(PictureSimilarity.ssim(stripes, plane { x, _ in Double((x + 1) % 2) }) < 0)
        var similarity = PictureSimilarity()
        let a = FeatureMap(height: 2, width: 2, pixels: Matrix(rows: 4, columns: 3))
        let b = FeatureMap(
            height: 2, width: 2, pixels: Matrix(rows: 4, columns: 3, values: [Float](repeating: 0.1, count: 12)))
        similarity.add(expected: a, found: b)
        #expect(abs(similarity.psnr - 20) < 1e-5)
    }
}
