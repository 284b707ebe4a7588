import DalleFormat
import DalleModels
import DalleRuntime
import TestSupport
import Testing

/// The choice of a code, `LogitsProcessor.choose` and `warp`, against `PlainSampling`: the same to the last bit.
@Suite struct ChoiceTests {
    private static let topK = [0, 1, 2, 50, 64, 128, 255, 1000, 1 << 20]
    private static let topP = [1, 0.9, 0.3, 0]

    private static func settings(topK: Int, topP: Double, temperature: Double = 1, scale: Double = 1)
        -> GenerationDefaults
    {
        var settings = GenerationDefaults()
        (settings.topK, settings.topP) = (topK, topP)
        (settings.temperature, settings.conditionScale) = (temperature, scale)
        return settings
    }

    /// Logits of many kinds: all different, few values, ascending, descending, all equal, zeros of both signs, mostly −∞.
    private static func logits(_ count: Int, _ generator: inout SeededGenerator) -> [[Float]] {
        let random = (0..<count).map { _ in Float.random(in: -20...5, using: &generator) }
        return [
            random, random.map { $0.rounded() }, random.sorted(), random.sorted(by: >),
            [Float](repeating: -3, count: count), random.map { $0 < -10 ? 0 : -0.0 },
            random.map { $0 < 4.9 ? -.infinity : $0 }, [Float](repeating: -.infinity, count: count),
            random.map { $0 > 4.9 ? .infinity : $0 },
        ]
    }

    @Test(arguments: [1, 2, 7, 255, 513, 2100, 16_415])
    func whatIsKeptIsWhatSortingKeeps(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        for (kind, logits) in Self.logits(count, &generator).enumerated() {
            for topK in Self.topK {
                for topP in count > 3000 ? Array(Self.topP.prefix(2)) : Self.topP {
                    let settings = Self.settings(topK: topK, topP: topP, temperature: kind % 2 == 0 ? 1 : 0.7)
                    var (found, expected) = (logits, logits)
                    LogitsProcessor(settings).warp(&found)
                    PlainSampling(settings).warp(&expected)
                    let isSame = zip(found, expected).allSatisfy { $0.bitPattern == $1.bitPattern }
                    #expect(isSame && found.count == count, "kind \(kind), top-k \(topK), top-p \(topP)")
                }
            }
        }
    }

    @Test(arguments: [1, 9, 700, 16_415])
    func theChoiceIsThePlainOne(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count) + 1)
        let suppressed = [count - count / 8..<count, 3..<5]
        for (kind, conditional) in Self.logits(count, &generator).enumerated() {
            // Infinity less infinity is no number.
            let unconditional = conditional.map {
                ($0.isFinite ? $0 : 0) + Float.random(in: -1...1, using: &generator)
            }
            let key = RandomKey(seed: UInt32(kind))
            let gumbel = key.gumbel(count: 3 * count)
            for (topK, topP) in [(50, 1), (0, 1), (3, 0.5), (200, 0.8)] {
                for scale in [1.0, 10] {
                    let settings = Self.settings(topK: topK, topP: topP, temperature: 0.9, scale: scale)
                    let chain = LogitsProcessor(settings, suppressed: suppressed)
                    let plain = PlainSampling(settings, suppressed: suppressed)
                    for image in 0..<3 {
                        let found = chain.sample(
                            conditional: conditional[...], unconditional: unconditional[...],
                            noise: GumbelNumbers(key, count: 3 * count, from: image * count))
                        let expected = plain.choose(
                            conditional: conditional, unconditional: unconditional,
                            gumbel: Array(gumbel[image * count..<(image + 1) * count]))
                        #expect(found == expected, "kind \(kind), top-k \(topK), scale \(scale), image \(image)")
                    }
                    #expect(
                        chain.sample(conditional: conditional[...], unconditional: unconditional[...], noise: nil)
                            == plain.choose(conditional: conditional, unconditional: unconditional, gumbel: nil))
                }
            }
        }
    }

    @Test func whatIsNoNumberIsNotDrawn() {
        for topK in [0, 2, 50] {
            let chain = LogitsProcessor(Self.settings(topK: topK, topP: 1))
            let logits: [Float] = [.nan, 1, -.nan, 2, .nan, -9]
            for seed in 0..<20 as Range<UInt32> {
                let noise = GumbelNumbers(RandomKey(seed: seed), count: 6)
                #expect([1, 3, 5].contains(chain.sample(conditional: logits[...], unconditional: [], noise: noise)))
            }
            #expect(chain.sample(conditional: logits[...], unconditional: [], noise: nil) == 3)
            let none = [Float](repeating: .nan, count: 6)
            let noise = GumbelNumbers(RandomKey(seed: 1), count: 6)
            #expect(chain.sample(conditional: none[...], unconditional: [], noise: noise) == 0)
        }
    }

    /// `GumbelNumbers` against `gumbel(count:)`, which computes all.
    @Test(arguments: [1, 2, 7, 64, 16_415])
    func aGumbelNumberIsThatOfTheWholeArray(_ count: Int) {
        let key = RandomKey(seed: UInt32(count)).split().use
        let all = key.gumbel(count: count)
        for start in [0, count / 3, count] {
            let numbers = GumbelNumbers(key, count: count, from: start)
            let found = (0..<count - start).map { numbers[$0] }
            #expect(found == Array(all[start...]))
        }
        #expect(all.allSatisfy { $0 < 16 })
    }
}
