import Foundation

/// How far one model's predictions are from another's, over many positions.
///
/// The divergence of a position is Kullback and Leibler's, Σ p·(log p − log q), in nats: p is the softmax of the logits that
/// are held to be right, q that of the others.
struct LogitsComparison {
    private(set) var positions = 0
    private(set) var divergenceSum = 0.0
    private(set) var largestDivergence = 0.0
    private(set) var sameTop = 0
    private(set) var largestDifference = 0.0
    private var product = 0.0
    private var expectedSquare = 0.0
    private var foundSquare = 0.0

    var meanDivergence: Double { divergenceSum / Double(max(positions, 1)) }
    var sameTopShare: Double { Double(sameTop) / Double(max(positions, 1)) }

    /// Of the angle between all logits.
    var cosine: Double {
        let norms = (expectedSquare * foundSquare).squareRoot()
        return norms == 0 ? 1 : product / norms
    }

    mutating func add(expected: some Collection<Float>, found: some Collection<Float>) {
        let (expected, found) = (expected.map { Double($0) }, found.map { Double($0) })
        precondition(expected.count == found.count && !expected.isEmpty)
        let divergence = Self.divergence(expected, found)
        positions += 1
        divergenceSum += divergence
        // What is not a number must not look small.
        largestDivergence = divergence.isNaN ? .infinity : max(largestDivergence, divergence)
        if Self.top(expected) == Self.top(found) { sameTop += 1 }
        for (a, b) in zip(expected, found) {
            let difference = abs(a - b)
            largestDifference = difference.isNaN ? .infinity : max(largestDifference, difference)
            product += a * b
            expectedSquare += a * a
            foundSquare += b * b
        }
    }

    static func divergence(_ expected: [Double], _ found: [Double]) -> Double {
        let (p, q) = (logSoftmax(expected), logSoftmax(found))
        // Never below 0 but for rounding.
        return max(zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }, 0)
    }

    private static func logSoftmax(_ logits: [Double]) -> [Double] {
        let largest = logits.max() ?? 0
        let total = log(logits.reduce(0) { $0 + exp($1 - largest) })
        return logits.map { $0 - largest - total }
    }

    /// Of equal ones the first.
    private static func top(_ logits: [Double]) -> Int {
        logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    }
}
