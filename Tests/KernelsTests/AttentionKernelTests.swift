import CKernels
import Foundation
import Testing

/// The answer of one query: the plain kernel against double precision, the others against the plain one bit for bit.
@Suite struct AttentionKernelTests {
    /// Keys and values in either precision, as bytes, and what they stand for.
    private struct Cache {
        let bytes: Guarded<UInt8>
        let values: [Double]

        init(_ floats: [Float], isHalf: Bool) {
            bytes = Guarded<UInt8>(floats.count * (isHalf ? 2 : 4))
            let raw = UnsafeMutableRawPointer(bytes.start)
            for (i, value) in floats.enumerated() {
                if isHalf {
                    raw.storeBytes(of: Float16(value).bitPattern, toByteOffset: 2 * i, as: UInt16.self)
                } else {
                    raw.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
                }
            }
            values = floats.map { isHalf ? Double(Float16($0)) : Double($0) }
        }
    }

    @Test(arguments: [16, 48, 64, 80, 144], [false, true])
    func answers(_ width: Int, _ isHalf: Bool) {
        let block = Int(CK_KEY_BLOCK)
        var random = RandomNumbers(seed: width)
        for positions in [1, 2, 3, 15, 16, 17, 32, 61] {
            let blocks = (positions + block - 1) / block
            let keys = Cache(random.floats(blocks * width * block), isHalf: isHalf)
            let values = Cache(random.floats(positions * width), isHalf: isHalf)
            let query = random.floats(width), bias = random.floats(positions)
            let q = Guarded(query), added = Guarded(bias)
            let hasBias = positions % 2 == 0
            let attention = ck_attention(
                keys: keys.bytes.start, values: values.bytes.start, next_keys: keys.bytes.start,
                is_half: isHalf ? 1 : 0, positions: positions, width: width, scale: 0.3, gain: 1.5,
                bias: hasBias ? UnsafePointer(added.start) : nil)
            let answers = KernelLevel.withScalar.map { level in
                let answer = Guarded<Float>(width), scores = Guarded<Float>(blocks * block)
                level.kernels.attend(attention, q.start, scores.start, answer.start)
                #expect(answer.isIntact && scores.isIntact)
                return answer
            }
            for (level, answer) in zip(KernelLevel.all, answers.dropFirst()) {
                #expect(answer.hasSameBits(as: answers[0]), "\(level.name) \(width) \(positions)")
            }
            let weights = (0..<positions).map { p in
                let first = p / block * width * block + p % block
                let product = (0..<width).reduce(0.0) { $0 + Double(query[$1]) * keys.values[first + $1 * block] }
                return exp(product * Double(0.3 as Float) + (hasBias ? Double(bias[p]) : 0))
            }
            let total = weights.reduce(0, +)
            for d in 0..<width {
                let sum = (0..<positions).reduce(0.0) { $0 + weights[$1] * values.values[$1 * width + d] }
                #expect(abs(Double(answers[0].start[d]) - sum / total * 1.5) <= 1e-5, "\(width) \(positions) at \(d)")
            }
        }
    }
}
