import Foundation

/// Numbers from the standard Gumbel distribution, −log(−log u) with u uniform in [smallest normal, 1), each computed when
/// it is asked for.
public struct GumbelNumbers: Sendable {
    /// No number is larger: u is at most 1 − 2⁻²³.
    static let bound: Float = 16

    private let key: RandomKey
    private let count: Int
    private let start: Int

    /// - Parameters:
    ///   - count: The size of the array that they are of: other sizes give other numbers.
    ///   - start: Where in the array they begin.
    public init(_ key: RandomKey, count: Int, from start: Int = 0) {
        precondition((0...count).contains(start))
        self.key = key
        self.count = count
        self.start = start
    }

    public subscript(index: Int) -> Float { Self.number(key.bits(at: start + index, of: count)) }

    static func number(_ bits: UInt32) -> Float {
        // 23 random bits as the fraction of a number in [1, 2).
        let unit = Float(bitPattern: bits >> 9 | 0x3F80_0000) - 1
        let uniform = max(unit + Float.leastNormalMagnitude, Float.leastNormalMagnitude)
        return -log(-log(uniform))
    }
}
