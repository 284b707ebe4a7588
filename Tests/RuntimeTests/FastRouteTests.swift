import DalleConvert
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

/// The fast route against what upstream's own code computed, and against itself in other circumstances. Its plain twin,
/// the reference route, is held against the same arrays in `UpstreamParityTests`.
@Suite struct FastRouteTests {
    @Test(arguments: UpstreamParityTests.variants)
    func statesLogitsAndCodesAreUpstreams(_ variant: String) throws {
        let directory = try TemporaryDirectory()
        let source = Fixtures.path("flax/checkpoints/\(variant)")
        let path = directory.path("model.dalle")
        _ = try ModelAssembly().write(
            [try DalleBartImport.read(source, configuration: nil)], to: path, step: "test")
        let report = try Verification.run(
            try DalleModel(path), against: try Reference("\(source)/expected.npz"), ComputeContext(.fast, threads: 2))
        for check in report.checks {
            #expect(check.pass, "\(variant) \(check.name): max abs \(check.maxAbs), equal \(check.equal)")
        }
    }
}

/// What a model of whole numbers computes is the same on every level, with any number of threads and in any company.
@Suite struct SameEverywhereTests {
    private let model: ConvertedModel

    init() throws { model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan") }

    /// The first logits of two prompts' images, a row each, drawn with others or alone.
    private func logits(_ file: ModelFile, _ context: ComputeContext, rows: [Int]) throws -> [[Float]] {
        let model = try DalleModel(file).tokenModel(context)
        let tokenized = try ["a red circle", "two small blue squares"].map { try model.tokenize($0) }
        let prompts = try model.prepare(tokenized) { _, _ in }
        let session = try model.session(rows: rows.count)
        try session.start(rows.enumerated().map { ($0, prompts[$1]) })
        var found = [[Float]](repeating: [], count: rows.count)
        // So that a block of sixteen positions is left behind.
        for position in 0..<20 {
            // The first step takes no token: an image begins by itself.
            let step = try session.step(
                rows.enumerated().map { ($0, position == 0 ? [] : [($1 + 1) * 7 + position]) })
            for row in rows.indices { found[row] += step.row(row) }
        }
        return found
    }

    @Test(arguments: [Int8Rows.standard, Int4Rows.standard] as [any QuantizationScheme])
    func wholeNumberModelsAreTheSameToTheLastBit(_ scheme: any QuantizationScheme) throws {
        let file = try model.quantized(scheme)
        let expected = try logits(file, ComputeContext(.fast, kernels: .scalar), rows: [0, 1])
        #expect(expected[0] != expected[1] && expected[0].allSatisfy(\.isFinite))
        for kernels in Kernels.levels {
            for threads in [1, 3] {
                let context = ComputeContext(.fast, kernels: kernels, threads: threads)
                #expect(try logits(file, context, rows: [0, 1]) == expected, "\(kernels.name), \(threads) threads")
                let crowd = try logits(file, context, rows: [1, 0, 1, 0, 0, 1, 0])
                #expect(crowd[1] == expected[0] && crowd[5] == expected[1], "\(kernels.name), \(threads) threads")
            }
            print("\(scheme.name): \(kernels.name) gives the bits of scalar")
        }
        for level in Kernels.missing { print("\(scheme.name): this machine has no \(level)") }
    }

    /// With float weights, too, nothing depends on threads and company; levels may differ in last bits.
    @Test func floatModelsDoNotDependOnCompany() throws {
        for kernels in Kernels.levels {
            let alone = try logits(model.file, ComputeContext(.fast, kernels: kernels), rows: [0])
            let crowd = try logits(
                model.file, ComputeContext(.fast, kernels: kernels, threads: 2), rows: [1, 1, 0, 1, 0])
            #expect(crowd[2] == alone[0] && crowd[4] == alone[0], "\(kernels.name)")
        }
    }

    /// Pictures drawn together are those drawn one after the other.
    @Test func picturesDoNotDependOnTheirBatch() throws {
        let file = try model.quantized(Int8Rows.standard)
        let requests = ["a red circle", "a red circle", "a blue square"].enumerated().map {
            Request(prompt: $1, seed: UInt32($0))
        }
        func codes(_ plan: MemoryPlan) throws -> [[Int]] {
            let generator = try ImageGenerator(DalleModel(file), ComputeContext(.fast, threads: 2))
            var drawn: [[Int]] = []
            try generator.generate(requests, plan: plan) { drawn.append($0.tokens) }
            return drawn
        }
        let alone = try codes(.oneByOne)
        #expect(Set(alone).count == 3)
        // As little as will do, then so much that all are drawn together.
        for limit in [50 << 20, 4 << 30] {
            let plan = try MemoryPlan(
                DalleModel(file), images: 3, sequences: 2, ranks: false, limit: limit, available: nil)
            #expect(plan.byteCount <= limit)
            #expect(try codes(plan) == alone, "\(plan)")
        }
        #expect(throws: DalleError.self) {
            try MemoryPlan(DalleModel(file), images: 3, sequences: 2, ranks: false, limit: 1 << 20, available: nil)
        }
    }
}
