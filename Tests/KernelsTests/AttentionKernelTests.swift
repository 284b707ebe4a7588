import CKernels
import Foundation
import Testing

/// The answer of one query: the plain kernel against double precision, the others against the plain one bit for bit.
@Suite struct AttentionKernelTests {
    private typealias Kernel = (
        ck_attention, UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void

    private static let block = Int(CK_KEY_BLOCK)
    private static let widths = [16, 48, 64, 80, 144]
    private static let lengths = [1, 2, 3, 15, 16, 17, 32, 61]

    /// The same bits of every level; those of the plain one.
    private static func answer(
        _ attention: ck_attention, _ query: [Float], _ kernel: (ck_kernels) -> Kernel
    ) -> [Float] {
        let query = Guarded(query)
        let answers = KernelTable.withScalar.map { level in
            let answer = Guarded<Float>(attention.width)
            let scores = Guarded<Float>((attention.positions + block - 1) / block * block)
            kernel(level.kernels)(attention, query.start, scores.start, answer.start)
            #expect(answer.isIntact && scores.isIntact)
            return answer
        }
        for (level, answer) in zip(KernelTable.all, answers.dropFirst()) {
            #expect(answer.hasSameBits(as: answers[0]), "\(level.name) \(attention.width) \(attention.positions)")
        }
        return answers[0].elements
    }

    /// e to the power of each position's score.
    private static func weights(
        _ attention: ck_attention, _ query: [Double], key: (Int, Int) -> Double
    ) -> [Double] {
        (0..<attention.positions).map { p in
            let product = query.indices.reduce(0.0) { $0 + query[$1] * key(p, $1) }
            return exp(product * Double(attention.scale) + (attention.bias.map { Double($0[p]) } ?? 0))
        }
    }

    @Test(arguments: widths) func attentionIsRight(_ width: Int) {
        let block = Self.block
        var random = RandomNumbers(seed: width)
        for positions in Self.lengths {
            let blocks = (positions + block - 1) / block
            let keys = Guarded(random.floats(blocks * width * block))
            let values = Guarded(random.floats(positions * width))
            let query = random.floats(width), bias = Guarded(random.floats(positions))
            let attention = ck_attention(
                keys: keys.start, values: values.start, next_keys: keys.start, key_scales: nil, value_scales: nil,
                positions: positions, width: width, scale: 0.3, output_scale: 1.5,
                bias: positions % 2 == 0 ? UnsafePointer(bias.start) : nil)
            let found = Self.answer(attention, query) { $0.attend }
            let weights = Self.weights(attention, query.map(Double.init)) { p, d in
                Double(keys.start[(p / block * width + d) * block + p % block])
            }
            let total = weights.reduce(0, +)
            for d in 0..<width {
                let sum = (0..<positions).reduce(0.0) { $0 + weights[$1] * Double(values.start[$1 * width + d]) }
                #expect(abs(Double(found[d]) - sum / total * 1.5) <= 1e-5, "\(width) \(positions) at \(d)")
            }
        }
    }

    @Test(arguments: widths) func int8AttentionIsRight(_ width: Int) {
        let block = Self.block
        var random = RandomNumbers(seed: width)
        for positions in Self.lengths {
            let blocks = (positions + block - 1) / block, groups = (positions + 3) / 4
            func bytes(_ count: Int) -> Guarded<Int8> {
                Guarded((0..<count).map { _ in Int8(random.below(255) - 127) })
            }
            // Positions that were never stored may hold anything.
            func scales() -> Guarded<Float> {
                Guarded((0..<blocks * block).map { $0 < positions ? 0.001 + abs(random.floats(1)[0]) / 100 : .nan })
            }
            let keys = bytes(blocks * width * block), values = bytes(groups * width * 4)
            let (keyScales, valueScales) = (scales(), scales())
            let query = random.floats(width), bias = Guarded(random.floats(positions))
            let attention = ck_attention(
                keys: keys.start, values: values.start, next_keys: keys.start, key_scales: keyScales.start,
                value_scales: valueScales.start, positions: positions, width: width, scale: 0.3, output_scale: 1.5,
                bias: positions % 2 == 0 ? UnsafePointer(bias.start) : nil)
            let found = Self.answer(attention, query) { $0.attend_i8 }
            let factor = 16_256 / (query.map(abs).max() ?? 1)
            let rounded = query.map { Double(($0 * factor).rounded(.toNearestOrEven)) / Double(factor) }
            let weights = Self.weights(attention, rounded) { p, d in
                let group = p / block * width / 4 + d / 4
                return Double(keys.start[(group * block + p % block) * 4 + d % 4]) * Double(keyScales.start[p])
            }
            let total = weights.reduce(0, +)
            let scaled = (0..<positions).map { weights[$0] * Double(valueScales.start[$0]) / total * 1.5 }
            // Half a unit in the last place of each weight, times the largest byte.
            let bound = 1e-5 + Double(positions) * (scaled.max() ?? 0) / 16_256 / 2 * 127
            for d in 0..<width {
                let sum = (0..<positions).reduce(0.0) { sum, p in
                    sum + scaled[p] * Double(values.start[(p / 4 * width + d) * 4 + p % 4])
                }
                #expect(abs(Double(found[d]) - sum) <= bound, "\(width) \(positions) at \(d)")
            }
        }
    }

    @Test func zerosGiveZeros() {
        let zeros = Guarded([Int8](repeating: 0, count: 16 * 16)), scales = Guarded([Float](repeating: 0, count: 16))
        let attention = ck_attention(
            keys: zeros.start, values: zeros.start, next_keys: zeros.start, key_scales: scales.start,
            value_scales: scales.start, positions: 5, width: 16, scale: 1, output_scale: 1, bias: nil)
        let found = Self.answer(attention, [Float](repeating: 0, count: 16)) { $0.attend_i8 }
        #expect(found.allSatisfy { $0 == 0 })
    }
}
