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

    /// One of the bits that `bits(count:)` gives.
    func bits(at index: Int, of count: Int) -> UInt32 {
        precondition((0..<count).contains(index))
        let half = (count + 1) / 2
        let (counter, isSecond) = index < half ? (index, false) : (index - half, true)
        let pair = encrypt(UInt32(counter), half + counter < count ? UInt32(half + counter) : 0)
        return isSecond ? pair.1 : pair.0
    }

    /// All of some Gumbel numbers at once; `GumbelNumbers` has each of them.
    public func gumbel(count: Int) -> [Float] { bits(count: count).map(GumbelNumbers.number) }

    private func encrypt(_ x: UInt32, _ y: UInt32) -> (UInt32, UInt32) {
        let third = first ^ second ^ 0x1BD1_1BDA
        var (x, y) = (x &+ first, y &+ second)
        func round(_ rotation: UInt32) {
            x &+= y
            y = (y << rotation | y >> (32 - rotation)) ^ x
        }
        func four(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, then p: UInt32, _ q: UInt32) {
            round(a)
            round(b)
            round(c)
            round(d)
            x &+= p
            y &+= q
        }
        four(13, 15, 26, 6, then: second, third &+ 1)
        four(17, 29, 16, 24, then: third, first &+ 2)
        four(13, 15, 26, 6, then: first, second &+ 3)
        four(17, 29, 16, 24, then: second, third &+ 4)
        four(13, 15, 26, 6, then: third, first &+ 5)
        return (x, y)
    }
}
