import DalleFormat
public import DalleModels
import Foundation

/// From logits to one code, in upstream's order: guidance, suppressed ids, temperature, top-k, top-p, draw.
///
/// Upstream: dalle-mini 0.1.5's `_sample` over transformers 4.25.1's logits warpers. Removed codes become −∞. A logit
/// that is no number is never drawn.
public struct LogitsProcessor: Sendable {
    public var settings: GenerationDefaults
    /// Ids that are never drawn.
    public var suppressed: [Range<Int>]

    public init(_ settings: GenerationDefaults, suppressed: [Range<Int>] = []) {
        self.settings = settings
        self.suppressed = suppressed
    }

    /// The whole chain; it depends on nothing but what it is given.
    ///
    /// - Parameters:
    ///   - unconditional: Used when the scale is not 1.
    ///   - noise: A Gumbel number for each code; without it the likeliest code is chosen.
    public func sample(
        conditional: ArraySlice<Float>, unconditional: ArraySlice<Float>, noise: GumbelNumbers?
    ) -> Int {
        var logits = applyGuidance(conditional: conditional, unconditional: unconditional)
        suppress(&logits)
        guard let noise else { return Self.greedy(logits) }
        applyTemperature(&logits)
        return if let kept = kept(logits) {
            Self.draw(logits, among: kept, noise)
        } else {
            Self.draw(logits, among: logits.indices, noise)
        }
    }

    /// Super conditioning: u + s·(c − u) on raw logits. With a scale of 1 it is c, bit for bit.
    public func applyGuidance(conditional: ArraySlice<Float>, unconditional: ArraySlice<Float>) -> [Float] {
        let scale = Float(settings.conditionScale)
        guard scale != 1 else { return Array(conditional) }
        precondition(conditional.count == unconditional.count)
        let count = conditional.count
        return conditional.withUnsafeBufferPointer { conditional in
            unconditional.withUnsafeBufferPointer { unconditional in
                [Float](unsafeUninitializedCapacity: count) { logits, initialized in
                    for i in 0..<count {
                        logits[i] = unconditional[i] + scale * (conditional[i] - unconditional[i])
                    }
                    initialized = count
                }
            }
        }
    }

    public func suppress(_ logits: inout [Float]) {
        for range in suppressed {
            for id in range.clamped(to: logits.indices) { logits[id] = -.infinity }
        }
    }

    /// Temperature, top-k and top-p.
    public func warp(_ logits: inout [Float]) {
        applyTemperature(&logits)
        guard let kept = kept(logits) else { return }
        var warped = [Float](repeating: -.infinity, count: logits.count)
        for id in kept { warped[id] = logits[id] }
        logits = warped
    }

    private func applyTemperature(_ logits: inout [Float]) {
        let temperature = Float(settings.temperature)
        guard temperature != 1 else { return }
        logits.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] /= temperature } }
    }

    /// The codes that top-k and top-p leave, in descending order; nil if that is all of them.
    private func kept(_ logits: [Float]) -> [Int]? {
        let limit = settings.topK > 0 ? min(settings.topK, logits.count) : logits.count
        guard limit < logits.count || settings.topP < 1 else { return nil }
        var codes = RankedCodes(logits, limit: limit).codes
        if settings.topP < 1 { codes.removeLast(codes.count - nucleus(codes.map { logits[$0] })) }
        return codes
    }

    /// The number of codes that together reach the probability top-p, given their logits in descending order.
    private func nucleus(_ logits: [Float]) -> Int {
        let largest = Double(logits.first ?? 0)
        let weights = logits.map { exp(Double($0) - largest) }
        let total = weights.reduce(0, +)
        var before = 0.0
        // A code stays if the ones before it do not reach top-p, so the first always does.
        for (count, weight) in weights.enumerated() {
            if count > 0, before / total >= settings.topP { return count }
            before += weight
        }
        return logits.count
    }

    /// The likeliest code; of equal ones the lowest.
    public static func greedy(_ logits: [Float]) -> Int {
        var (best, largest) = (0, -Float.infinity)
        for i in logits.indices where logits[i] > largest { (best, largest) = (i, logits[i]) }
        return best
    }

    /// A code drawn in proportion to exp(logit), given a Gumbel number for each (Gumbel-max).
    public static func draw(_ logits: [Float], gumbel: some Collection<Float>) -> Int {
        greedy(zip(logits, gumbel).map { $0 + $1 })
    }

    /// The same of some codes in any order, with the numbers of those only that can win.
    private static func draw(_ logits: [Float], among codes: some Collection<Int>, _ noise: GumbelNumbers) -> Int {
        var (best, largest) = (0, -Float.infinity)
        for code in codes where !(logits[code] + GumbelNumbers.bound < largest) {
            let score = logits[code] + noise[code]
            if score > largest || (score == largest && code < best) { (best, largest) = (code, score) }
        }
        return best
    }
}
