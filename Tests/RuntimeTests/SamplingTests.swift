import DalleFormat
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

/// Random numbers and the logits chain against what JAX and upstream's warpers gave for the same inputs.
@Suite struct SamplingTests {
    private struct Cases: Decodable {
        struct Step: Decodable {
            let use: [UInt32]
            let next: [UInt32]
            let categoricalOfLogitsCond: [Int]
        }
        struct Case: Decodable {
            let conditionScale: Double
            let temperature: Double?
            let topK: Int?
            let topP: Double?
            let kept: [Int]
        }
        let eosForbiddenId: Int
        let prngkey0Chain: [Step]
        let cases: [Case]
    }

    private let cases: Cases
    private let arrays: Reference

    init() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        cases = try decoder.decode(Cases.self, from: Fixtures.data("flax/sampling_cases.json"))
        arrays = try Reference(Fixtures.path("flax/sampling_cases.npz"))
    }

    private func rows(_ name: String) throws -> [[Float]] {
        let array = try arrays.array(name)
        return try (0..<array.shape[0]).map { try array.part($0).values.map { Float($0) } }
    }

    @Test func randomNumbersAreJAXs() throws {
        let logits = try rows("logits_cond")
        var key = RandomKey(seed: 0)
        for (number, step) in cases.prngkey0Chain.enumerated() {
            let split = key.split()
            #expect([split.use.words, split.next.words] == [step.use, step.next])
            key = split.next
            let count = logits[0].count
            let noise = split.use.gumbel(count: logits.count * count)
            let expected = try rows("gumbel_key0_step\(number)").flatMap { $0 }
            for (value, expected) in zip(noise, expected) {
                #expect(abs(value - expected) <= 2e-6 * max(1, abs(expected)), "step \(number)")
            }
            for (row, logits) in logits.enumerated() {
                let code = LogitsProcessor.draw(logits, gumbel: noise[row * count..<(row + 1) * count])
                #expect(code == step.categoricalOfLogitsCond[row])
            }
        }
        #expect(cases.prngkey0Chain.count == 3)
    }

    @Test func logitsChainIsUpstreams() throws {
        let conditional = try rows("logits_cond"), unconditional = try rows("logits_uncond")
        #expect(cases.cases.count == 15)
        for (number, settings) in cases.cases.enumerated() {
            var defaults = GenerationDefaults()
            defaults.conditionScale = settings.conditionScale
            defaults.temperature = settings.temperature ?? 1
            defaults.topK = settings.topK ?? 50
            defaults.topP = settings.topP ?? 1
            let end = cases.eosForbiddenId
            let chain = LogitsProcessor(defaults, suppressed: [end..<end + 1])
            for (row, expected) in try rows("out_\(number)").enumerated() {
                var logits = chain.applyGuidance(
                    conditional: conditional[row][...], unconditional: unconditional[row][...])
                chain.suppress(&logits)
                chain.warp(&logits)
                #expect(logits.count { $0.isFinite } == settings.kept[row], "case \(number)")
                for (value, expected) in zip(logits, expected) {
                    #expect(value == expected || abs(value - expected) <= 1e-5 * abs(expected), "case \(number)")
                }
            }
        }
    }

    @Test func guidanceOfOneChangesNoBit() {
        let chain = LogitsProcessor(
            {
                var s = GenerationDefaults(); s.conditionScale = 1; return s
            }())
        #expect(chain.applyGuidance(conditional: [0.1, -3], unconditional: [1e30, .nan]) == [0.1, -3])
    }

    @Test func ofEqualLogitsTheLowerIdIsKept() {
        var settings = GenerationDefaults()
        settings.topK = 2
        var logits: [Float] = [1, 3, 2, 2, 2]
        LogitsProcessor(settings).warp(&logits)
        #expect(logits == [-.infinity, 3, 2, -.infinity, -.infinity])
        #expect(LogitsProcessor.greedy([1, 5, 5]) == 1)
    }

    @Test func forbiddenIdsLeaveKRealOnes() {
        var settings = GenerationDefaults()
        settings.topK = 2
        let chain = LogitsProcessor(settings, suppressed: [3..<9])
        var logits: [Float] = [1, 0, 2, 9, 8]
        chain.suppress(&logits)
        chain.warp(&logits)
        #expect(logits == [1, -.infinity, 2, -.infinity, -.infinity])
    }

    /// JAX fills an odd number of counters up with 0.
    @Test func oddCountsAreCutFromEvenOnes() {
        let key = RandomKey(seed: 5)
        #expect(key.gumbel(count: 7).count == 7)
        #expect(key.gumbel(count: 1).count == 1)
    }
}
