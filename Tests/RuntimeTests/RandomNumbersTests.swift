import Foundation
import TestSupport
import Testing

@testable import DalleRuntime

/// Seeds against JAX 0.10, with both values of `jax_threefry_partitionable` (`fixtures/flax/make_random_cases.py`).
@Suite struct RandomNumbersTests {
    private struct Case: Decodable {
        struct Numbers: Decodable {
            let shape: [Int]
            let digest: String
            let places: [Int]
            let gumbel: [Float]
        }
        let seed: UInt32
        let use: [UInt32]
        let next: [UInt32]
        let arrays: [Numbers]
        let codes: [Int]
        let batch: [Int]
    }

    /// The script's logits.
    private let logits: [Float] = (0..<16385).map { (number: Int) in
        Float(UInt32(truncatingIfNeeded: number &* 2_654_435_761) >> 8) / Float(1 << 24) * 6
    }

    private func cases(_ numbers: RandomNumbers) throws -> [Case] {
        let cases = try JSONDecoder().decode([String: [Case]].self, from: Fixtures.data("flax/random_cases.json"))
        return try #require(cases[numbers.rawValue])
    }

    @Test(arguments: RandomNumbers.allCases)
    func bitsAndGumbelNumbersAreJAXs(_ numbers: RandomNumbers) throws {
        let cases = try cases(numbers)
        #expect(cases.map(\.seed) == [0, 1, 7, 12345, 1 << 31, .max])
        for one in cases {
            let (use, next) = RandomKey(seed: one.seed, numbers).split()
            #expect(use.words == one.use && next.words == one.next)
            for array in one.arrays {
                let count = array.shape.reduce(1, *)
                let digest = use.bits(count: count).enumerated().reduce(UInt64(0)) {
                    $0 &+ UInt64($1.element) &* UInt64($1.offset + 1)
                }
                #expect("\(digest)" == array.digest, "\(one.seed), \(array.shape)")
                let noise = GumbelNumbers(use, count: count)
                for (place, expected) in zip(array.places, array.gumbel) {
                    #expect(abs(noise[place] - expected) <= 2e-6 * max(1, abs(expected)), "\(one.seed), \(array.shape)")
                }
            }
        }
    }

    @Test(arguments: RandomNumbers.allCases)
    func drawnCodesAreJAXs(_ numbers: RandomNumbers) throws {
        for one in try cases(numbers) {
            var key = RandomKey(seed: one.seed, numbers)
            let use = key.split().use
            let codes = one.codes.map { _ in
                let split = key.split()
                key = split.next
                return LogitsProcessor.draw(logits, gumbel: split.use.gumbel(count: logits.count))
            }
            #expect(codes == one.codes && codes.count == 24)
            let batch = [logits, logits.reversed(), logits].enumerated().map { row, logits in
                let noise = GumbelNumbers(use, count: 3 * logits.count, from: row * logits.count)
                return LogitsProcessor.draw(logits, gumbel: logits.indices.map { noise[$0] })
            }
            #expect(batch == one.batch)
        }
    }
}
