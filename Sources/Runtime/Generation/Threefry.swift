/// How JAX makes arrays of random numbers from a key: its setting `jax_threefry_partitionable`.
///
/// One seed gives different numbers with each, and both are JAX's `PRNGKey(seed)`.
public enum RandomNumbers: String, CaseIterable, Sendable {
    /// Off, JAX's default before 0.5: what upstream's programs draw with.
    case threefry
    /// On, JAX's default since 0.5.
    case partitionable = "threefry-partitionable"
}

/// A key of JAX's default random numbers: the counter-based generator threefry2x32 with 20 rounds.
///
/// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); keys are split and bits laid out as in
/// `jax.random`, so that a seed gives the numbers that it gives there.
public struct RandomKey: Sendable, Equatable {
    let first: UInt32
    let second: UInt32
    let numbers: RandomNumbers

    /// JAX's `PRNGKey(seed)` with 32-bit integers.
    public init(seed: UInt32, _ numbers: RandomNumbers = .threefry) { self.init((0, seed), numbers) }

    private init(_ words: (UInt32, UInt32), _ numbers: RandomNumbers) {
        (first, second) = words
        self.numbers = numbers
    }

    /// The key's two words.
    public var words: [UInt32] { [first, second] }

    /// Two keys: one to use, one to go on with.
    public func split() -> (use: RandomKey, next: RandomKey) {
        switch numbers {
        case .threefry:
            let bits = bits(count: 4)
            return (RandomKey((bits[0], bits[1]), numbers), RandomKey((bits[2], bits[3]), numbers))
        case .partitionable:
            return (RandomKey(encrypt(0, 0), numbers), RandomKey(encrypt(0, 1), numbers))
        }
    }

    /// The random bits of an array of `count` elements.
    public func bits(count: Int) -> [UInt32] {
        switch numbers {
        case .threefry:
            // The counters 0..<count, the first half of them paired with the second, encrypted with the key.
            let half = (count + 1) / 2
            var bits = [UInt32](repeating: 0, count: 2 * half)
            for i in 0..<half { (bits[i], bits[half + i]) = pair(i, of: count) }
            bits.removeLast(2 * half - count)
            return bits
        case .partitionable:
            return (0..<count).map { bits(at: $0, of: count) }
        }
    }

    /// One of the bits that `bits(count:)` gives.
    func bits(at index: Int, of count: Int) -> UInt32 {
        precondition((0..<count).contains(index))
        switch numbers {
        case .threefry:
            let half = (count + 1) / 2
            return index < half ? pair(index, of: count).0 : pair(index - half, of: count).1
        case .partitionable:
            // Each element by its own 64-bit counter, whatever the array's size.
            let (high, low) = encrypt(UInt32(truncatingIfNeeded: index >> 32), UInt32(truncatingIfNeeded: index))
            return high ^ low
        }
    }

    /// Two elements, half an array apart.
    private func pair(_ index: Int, of count: Int) -> (UInt32, UInt32) {
        let counter = (count + 1) / 2 + index
        // An odd count is filled up with a counter of 0.
        return encrypt(UInt32(index), counter < count ? UInt32(counter) : 0)
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
