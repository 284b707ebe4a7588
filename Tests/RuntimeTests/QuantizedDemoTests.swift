import DalleConvert
import DalleFormat
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

@testable import DalleQuant

/// What fewer bits cost the trained demo model: the bars that `docs/QUANTISATION.md` speaks of.
@Suite struct QuantizedDemoTests {
    private let directory: TemporaryDirectory
    private let file: ModelFile

    init() throws {
        let model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan", weightType: .float32)
        (directory, file) = (model.directory, model.file)
    }

    private static let bars: [(scheme: any QuantizationScheme, bounds: [ComparisonReport.Measure: Double])] = [
        (FloatCast.float16, [.cosine: 0.99999, .sameCode: 0.999, .psnr: 60]),
        (FloatCast.bfloat16, [.cosine: 0.9999, .sameCode: 0.98, .psnr: 40]),
        (Int8Rows.standard, [.meanKL: 0.0003, .sameTop: 0.992, .cosine: 0.999, .psnr: 40]),
        (Int4Rows.standard, [.meanKL: 0.005, .sameTop: 0.95, .psnr: 40]),
    ]

    @Test(arguments: bars.indices) func theBarsAreKept(_ number: Int) throws {
        let (scheme, bounds) = Self.bars[number]
        let path = directory.path("\(scheme.name).dalle")
        _ = try Quantizer(file, try QuantizationPlan(file, scheme)).write(to: path, replacing: false)
        var comparison = ModelComparison()
        comparison.prompts = try String(contentsOfFile: Fixtures.path("demo/prompts.txt"), encoding: .utf8)
            .split(whereSeparator: \.isNewline).map(String.init)
        comparison.pictures = 2
        comparison.bounds = bounds
        for route in [ComputeContext.Route.reference, .fast] {
            let found = try comparison.run(try DalleModel(path), against: DalleModel(file), ComputeContext(route))
            #expect(found.pass, "\(scheme.name), \(route): \(found.values)")
        }
    }

    /// Words that the model never saw make hidden states with a few numbers much larger than the others, which 8 bits for
    /// the encoder's inputs would not stand: 4.9e-4.
    @Test func theBarIsKeptOnUnknownWords() throws {
        let path = directory.path("int8.dalle")
        _ = try Quantizer(file, try QuantizationPlan(file, Int8Rows.standard)).write(to: path, replacing: false)
        var comparison = ModelComparison()
        comparison.pictures = 8
        comparison.bounds = [.meanKL: 0.0003, .sameTop: 0.992]
        let found = try comparison.run(try DalleModel(path), against: DalleModel(file), ComputeContext(.fast))
        #expect(found.pass, "\(found.values)")
    }

    /// What the choice of multipliers and scales is worth, on trained weights.
    @Test func fourBitsReachTheirLevel() throws {
        let plan = try QuantizationPlan(file, Int4Rows.standard, overrides: [try TensorOverride("^vqgan")])
        #expect(try Quantizer(file, plan).measure().sqnr > 22.2)
    }

    /// Calibrated with some captions, the dense layers' outputs are nearer to what they were on others.
    @Test func calibrationPays() throws {
        let world = try LittleWorld.load()
        let seen = try Calibration(prompts: world.dev.prefix(8).map(\.caption)).inputSquares(file, threads: 1)
        let others = try Calibration(prompts: world.test.prefix(8).map(\.caption)).inputSquares(file, threads: 1)
        let plan = try QuantizationPlan(file, Int4Rows.standard, overrides: [try TensorOverride("^vqgan")])
        func error(_ importance: ImportanceMatrix, _ name: String) throws -> Double {
            var quantizer = Quantizer(file, plan)
            quantizer.importance = importance
            let path = directory.path(name)
            _ = try quantizer.write(to: path, replacing: false)
            let small = try ModelFile(path)
            var sum = 0.0
            for (name, squares) in others {
                let shape = try #require(file.descriptor(name)).shape
                let (before, after) = try (
                    FloatTensor(file, name, shape: shape).array, FloatTensor(small, name, shape: shape).array
                )
                for i in before.indices {
                    let difference = Double(before[i] - after[i])
                    sum += squares[i % squares.count] * difference * difference
                }
            }
            return sum
        }
        let plain = try error(.none, "plain.dalle")
        let weighed = try error(ImportanceMatrix(squares: seen, prompts: []), "weighed.dalle")
        // 0.91 of it.
        #expect(weighed < 0.95 * plain)
    }
}
