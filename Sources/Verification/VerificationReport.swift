/// What a verification found.
public struct VerificationReport: Sendable, Encodable {
    /// One array held against its reference.
    public struct Check: Sendable, Encodable {
        /// The array's name in the reference.
        public let name: String
        /// The largest difference of two elements.
        public let maxAbs: Double
        /// Cosine of the angle between both arrays; none for codes.
        public let cosine: Double?
        /// Share of elements that are equal.
        public let equal: Double
        /// What passes: the largest `maxAbs` allowed, or for codes the smallest `equal`.
        public let bound: Double
        public let pass: Bool

        enum CodingKeys: String, CodingKey {
            case name, cosine, equal, bound, pass
            case maxAbs = "max_abs"
        }
    }

    /// An array that was not checked.
    public struct Skip: Sendable, Encodable {
        public let name: String
        public let reason: String
    }

    public internal(set) var checks: [Check] = [] { didSet { noted?(checks.count + skipped.count) } }
    public internal(set) var skipped: [Skip] = [] { didSet { noted?(checks.count + skipped.count) } }
    /// Called with the number of arrays that are done.
    var noted: (@Sendable (Int) -> Void)?

    /// Whether something was checked and all of it passed.
    public var pass: Bool { !checks.isEmpty && checks.allSatisfy(\.pass) }

    enum CodingKeys: String, CodingKey { case pass, checks, skipped }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pass, forKey: .pass)
        try container.encode(checks, forKey: .checks)
        try container.encode(skipped, forKey: .skipped)
    }
}

extension VerificationReport.Check {
    /// Holds numbers against a reference; arrays of different sizes never pass.
    static func numbers(_ name: String, _ found: [Float], _ expected: NPYArray, bound: Double) -> Self {
        guard found.count == expected.values.count else {
            return Self(name: name, maxAbs: .infinity, cosine: 0, equal: 0, bound: bound, pass: false)
        }
        var (maxAbs, equal) = (0.0, 0)
        var (product, foundSquare, expectedSquare) = (0.0, 0.0, 0.0)
        for (value, expected) in zip(found, expected.values) {
            let value = Double(value)
            let difference = abs(value - expected)
            // NaN on either side is a difference that no bound allows.
            maxAbs = difference.isNaN ? .infinity : max(maxAbs, difference)
            if value == expected { equal += 1 }
            product += value * expected
            foundSquare += value * value
            expectedSquare += expected * expected
        }
        let norms = (foundSquare * expectedSquare).squareRoot()
        return Self(
            name: name, maxAbs: maxAbs, cosine: norms == 0 ? 1 : product / norms,
            equal: found.isEmpty ? 1 : Double(equal) / Double(found.count), bound: bound,
            // Whatever the bound, even one that is infinite because the reference is.
            pass: maxAbs.isFinite && maxAbs <= bound)
    }

    /// Holds codes against a reference: all must be equal.
    static func codes(_ name: String, _ found: [Int], _ expected: [Int]) -> Self {
        guard found.count == expected.count, !found.isEmpty else {
            return Self(name: name, maxAbs: .infinity, cosine: nil, equal: 0, bound: 1, pass: false)
        }
        let equal = zip(found, expected).filter { $0 == $1 }.count
        let maxAbs = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
        return Self(
            name: name, maxAbs: Double(maxAbs), cosine: nil, equal: Double(equal) / Double(found.count), bound: 1,
            pass: equal == found.count)
    }
}
