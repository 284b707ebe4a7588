public import DalleFormat
import Foundation

/// From logits to one code, in upstream's order: guidance, forbidden ids, temperature, top-k, top-p, draw.
///
/// Upstream: dalle-mini 0.1.5's `_sample` over transformers 4.25.1's logits warpers. Removed codes become −∞.
public struct LogitsChain: Sendable {
    public var settings: GenerationDefaults
    /// Ids that are never drawn.
    public var forbidden: [Range<Int>]

    public init(_ settings: GenerationDefaults, forbidden: [Range<Int>] = []) {
        self.settings = settings
        self.forbidden = forbidden
    }

    /// Super conditioning: u + s·(c − u) on raw logits. With a scale of 1 it is c, bit for bit.
    public func guide(conditional: some Collection<Float>, unconditional: some Collection<Float>) -> [Float] {
        let scale = Float(settings.conditionScale)
        guard scale != 1 else { return Array(conditional) }
        return zip(conditional, unconditional).map { $1 + scale * ($0 - $1) }
    }

    public func forbid(_ logits: inout [Float]) {
        for range in forbidden {
            for id in range.clamped(to: logits.indices) { logits[id] = -.infinity }
        }
    }

    /// Temperature, top-k and top-p.
    public func warp(_ logits: inout [Float]) {
        let temperature = Float(settings.temperature)
        if temperature != 1 { for i in logits.indices { logits[i] /= temperature } }
        let keepsAll = (settings.topK == 0 || settings.topK >= logits.count) && settings.topP >= 1
        guard !keepsAll else { return }
        // Of equal logits the lower id comes first.
        var order = logits.indices.sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
        if settings.topK > 0 { order.removeLast(max(order.count - settings.topK, 0)) }
        if settings.topP < 1 { order.removeLast(order.count - nucleus(order.map { logits[$0] })) }
        var kept = [Float](repeating: -.infinity, count: logits.count)
        for id in order { kept[id] = logits[id] }
        logits = kept
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
        var best = 0
        for i in logits.indices where logits[i] > logits[best] { best = i }
        return best
    }

    /// A code drawn in proportion to exp(logit), given a Gumbel number for each (Gumbel-max).
    public static func draw(_ logits: [Float], gumbel: some Collection<Float>) -> Int {
        greedy(zip(logits, gumbel).map { $0 + $1 })
    }
}
