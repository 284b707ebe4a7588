/// How far a model is from another precision of itself.
public struct ComparisonReport: Sendable {
    /// A number that can be held to a bound.
    public enum Measure: String, CaseIterable, Sendable {
        /// Mean and largest Kullback-Leibler divergence of a position's logits, in nats.
        case meanKL = "mean_kl"
        case maxKL = "max_kl"
        /// Share of positions whose likeliest code is the same.
        case sameTop = "same_top"
        /// Share of positions at which, after the same codes and with the same random numbers, the same code is drawn.
        case sameCode = "same_code"
        case cosine
        /// Largest difference of two logits.
        case maxAbs = "max_abs"
        /// Share of codes that are the same when each model draws on from its own.
        case codesEqual = "codes_equal"
        /// Of pictures decoded of the same codes.
        case psnr
        case ssim

        /// Whether more is better.
        public var wantsMore: Bool {
            switch self {
            case .meanKL, .maxKL, .maxAbs: false
            case .sameTop, .sameCode, .cosine, .codesEqual, .psnr, .ssim: true
            }
        }
    }

    /// One number, and what it is held to.
    public struct Check: Sendable, Encodable {
        public let name: String
        /// None when it could not be measured.
        public let value: Double?
        public let bound: Double?
        public let pass: Bool
    }

    public internal(set) var values: [Measure: Double] = [:]
    /// What could not be compared, and why.
    public internal(set) var notes: [String] = []
    public internal(set) var pictures = 0
    /// Positions whose logits were compared.
    public internal(set) var positions = 0
    private let bounds: [Measure: Double]

    init(bounds: [Measure: Double]) { self.bounds = bounds }

    /// What was measured or asked for.
    public var checks: [Check] {
        Measure.allCases.compactMap { measure in
            let (value, bound) = (values[measure], bounds[measure])
            guard value != nil || bound != nil else { return nil }
            return Check(
                name: measure.rawValue, value: value, bound: bound, pass: Self.passes(measure, value, bound))
        }
    }

    /// Whether something was measured, all of it is a number, and what has a bound keeps it.
    public var pass: Bool { !values.isEmpty && checks.allSatisfy(\.pass) }

    private static func passes(_ measure: Measure, _ value: Double?, _ bound: Double?) -> Bool {
        guard let value, !value.isNaN else { return false }
        guard let bound else { return measure == .psnr || value.isFinite }
        return measure.wantsMore ? value >= bound : value <= bound
    }
}

extension ComparisonReport: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(pass, forKey: Key("pass"))
        try container.encode(checks, forKey: Key("checks"))
        try container.encode(pictures, forKey: Key("pictures"))
        try container.encode(positions, forKey: Key("positions"))
        try container.encode(notes, forKey: Key("notes"))
        for (measure, value) in values { try container.encode(value, forKey: Key(measure.rawValue)) }
    }
}
