import DalleFormat
import DalleModels
import Foundation

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

        /// What follows a number of it: nats, decibels, or nothing.
        public var unit: String {
            switch self {
            case .meanKL, .maxKL: "nats"
            case .psnr: "dB"
            case .maxAbs, .sameTop, .sameCode, .cosine, .codesEqual, .ssim: ""
            }
        }

        /// What it is, in a few words.
        public var meaning: String {
            switch self {
            case .meanKL: "mean divergence of the logits after the same codes"
            case .maxKL: "the same at the position where it is largest"
            case .sameTop: "share of positions with the same likeliest code"
            case .sameCode: "share that draw the same code with the same random numbers"
            case .cosine: "cosine of the angle between all logits"
            case .maxAbs: "largest difference of two logits"
            case .codesEqual: "share of equal codes when each model goes on from its own"
            case .psnr: "signal to noise of the pixels of the same codes"
            case .ssim: "structural similarity of the same pixels; 1 is equal"
            }
        }
    }

    /// One number, and what it is held to.
    public struct Check: Sendable, Encodable {
        let measure: Measure
        public let name: String
        /// None when it could not be measured.
        public let value: Double?
        public let bound: Double?
        public let pass: Bool

        enum CodingKeys: String, CodingKey { case name, value, bound, pass }
    }

    public internal(set) var values: [Measure: Double] = [:]
    /// What could not be compared, and why.
    public internal(set) var notes: [String] = []
    public internal(set) var pictures = 0
    /// Positions whose logits were compared.
    public internal(set) var positions = 0
    /// The type whose bounds hold where none is given, by the kind of part.
    public internal(set) var precisions: [String: ComparedPrecision] = [:]
    private var bounds: [Measure: Double]

    /// - Parameter bounds: What was asked for; it goes before what a type's bounds are.
    init(bounds: [Measure: Double]) { self.bounds = bounds }

    /// Holds a part to the bounds of the coarser of two types, where no others were asked for.
    mutating func hold(
        _ kind: Component.Kind, to a: ComparedPrecision, _ b: ComparedPrecision,
        _ defaults: (ComparedPrecision) -> [Measure: Double]
    ) {
        let precision = a.coarser(b)
        precisions[kind.rawValue] = precision
        bounds.merge(defaults(precision)) { given, _ in given }
    }

    /// What was measured or asked for.
    public var checks: [Check] {
        Measure.allCases.compactMap { measure in
            let (value, bound) = (values[measure], bounds[measure])
            guard value != nil || bound != nil else { return nil }
            return Check(
                measure: measure, name: measure.rawValue, value: value, bound: bound,
                pass: Self.passes(measure, value, bound))
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
        try container.encode(precisions, forKey: Key("bounds_of"))
        for (measure, value) in values { try container.encode(value, forKey: Key(measure.rawValue)) }
    }
}

extension ComparisonReport {
    /// A row for each measure, for people: verdict, name, value, what it is held to, what it is.
    public var rows: [[String]] {
        checks.map { check in
            let unit = check.measure.unit.isEmpty ? "" : " \(check.measure.unit)"
            let relation = check.measure.wantsMore ? "≥" : "≤"
            return [
                check.pass ? check.bound == nil ? "" : "ok" : "FAIL", check.name,
                check.value.map { String(format: "%.7g", $0) + unit } ?? "not measured",
                check.bound.map { "\(relation) \(String(format: "%g", $0))" } ?? "", check.measure.meaning,
            ]
        }
    }

    /// What came of it, in a line.
    public var verdict: String {
        let bounded = checks.filter { $0.bound != nil }
        let failed = checks.count { !$0.pass }
        let types = Component.Kind.known.compactMap { kind in
            precisions[kind.rawValue].map { ("\(kind.rawValue)", $0.rawValue) }
        }
        let same = Set(types.map(\.1)).count == 1
        let names = same ? types.prefix(1).map(\.1) : types.map { "\($0.1) (\($0.0))" }
        let count = "\(pictures) pictures, \(positions) positions: "
        if failed > 0 { return count + "\(failed) of \(checks.count) failed" }
        return count
            + "\(bounded.count) of \(checks.count) have bounds and keep them, those of \(names.joined(separator: ", ")) unless given"
    }
}
