import DalleFormat
public import DalleModels
import Foundation

/// The plain twin of `LogitsProcessor.choose` and `warp`: sorts all logits and draws all Gumbel numbers.
public struct PlainSampling {
    private let settings: GenerationDefaults
    private let suppressed: [Range<Int>]

    public init(_ settings: GenerationDefaults, suppressed: [Range<Int>] = []) {
        self.settings = settings
        self.suppressed = suppressed
    }

    /// - Parameter gumbel: a number for each logit; without them the likeliest code is chosen.
    public func choose(conditional: [Float], unconditional: [Float], gumbel: [Float]?) -> Int {
        let scale = Float(settings.conditionScale)
        var logits = scale == 1 ? conditional : zip(conditional, unconditional).map { $1 + scale * ($0 - $1) }
        for range in suppressed {
            for id in range.clamped(to: logits.indices) { logits[id] = -.infinity }
        }
        guard let gumbel else { return largest(logits) }
        warp(&logits)
        return largest(zip(logits, gumbel).map { $0 + $1 })
    }

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

    private func nucleus(_ logits: [Float]) -> Int {
        let weights = logits.map { exp(Double($0) - Double(logits[0])) }
        let total = weights.reduce(0, +)
        var before = 0.0
        for (count, weight) in weights.enumerated() {
            if count > 0, before / total >= settings.topP { return count }
            before += weight
        }
        return logits.count
    }

    private func largest(_ values: [Float]) -> Int {
        var best = 0
        for i in values.indices where values[i] > values[best] { best = i }
        return best
    }
}
