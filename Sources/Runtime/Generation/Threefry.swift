import Foundation

/// A key of JAX's default random numbers: the counter-based generator threefry2x32 with 20 rounds.
///
/// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); keys are split and bits laid out as in
/// `jax.random` with `jax_threefry_partitionable` off, so that a seed gives the numbers that upstream draws.
public struct RandomKey: Sendable, Equatable {
    let first: UInt32
    let second: UInt32

    /// JAX's `PRNGKey(seed)` with 32-bit integers.
    public init(seed: UInt32) { self.init(0, seed) }

    init(_ first: UInt32, _ second: UInt32) {
        self.first = first
        self.second = second
    }

    /// The key's two words.
    public var words: [UInt32] { [first, second] }

    /// Two keys: one to use, one to go on with.
    public func split() -> (use: RandomKey, next: RandomKey) {
        let bits = bits(count: 4)
        return (RandomKey(bits[0], bits[1]), RandomKey(bits[2], bits[3]))
    }

    /// Random bits: the counters 0..<count, the first half of them paired with the second, encrypted with the key.
    func bits(count: Int) -> [UInt32] {
        let half = (count + 1) / 2
        var bits = [UInt32](repeating: 0, count: 2 * half)
        for i in 0..<half {
            let counter = half + i
            // An odd count is filled up with a counter of 0.
            (bits[i], bits[half + i]) = encrypt(UInt32(i), counter < count ? UInt32(counter) : 0)
        }
        bits.removeLast(2 * half - count)
        return bits
    }

    /// Numbers from the standard Gumbel distribution, −log(−log u) with u uniform in [smallest normal, 1).
    public func gumbel(count: Int) -> [Float] {
        bits(count: count).map { bits in
            // 23 random bits as the fraction of a number in [1, 2).
            let unit = Float(bitPattern: bits >> 9 | 0x3F80_0000) - 1
            let uniform = max(unit + Float.leastNormalMagnitude, Float.leastNormalMagnitude)
            return -log(-log(uniform))
        }
    }

    private func encrypt(_ x: UInt32, _ y: UInt32) -> (UInt32, UInt32) {
        let keys = [first, second, first ^ second ^ 0x1BD1_1BDA]
        let rotations: [[UInt32]] = [[13, 15, 26, 6], [17, 29, 16, 24]]
        var (x, y) = (x &+ keys[0], y &+ keys[1])
        for round in 0..<5 {
            for rotation in rotations[round % 2] {
                x &+= y
                y = (y << rotation | y >> (32 - rotation)) ^ x
            }
            x &+= keys[(round + 1) % 3]
            y &+= keys[(round + 2) % 3] &+ UInt32(round + 1)
        }
        return (x, y)
    }
}
