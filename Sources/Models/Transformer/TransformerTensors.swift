public import DalleFormat

/// A tensor of a stack: its role, its name without the component's, and its shape.
///
/// Matrices of dense layers are `[out, in]`: y = W x. Importers produce exactly a stack's list, the runtime loads from it.
public struct TransformerTensor: Sendable, Hashable {
    public enum Sublayer: String, CaseIterable, Sendable {
        case selfAttention = "self_attention"
        case crossAttention = "cross_attention"
        case feedForward = "feed_forward"
    }

    /// Where a norm stands in a sublayer; see `TransformerStack.Norms`.
    public enum NormPlace: String, CaseIterable, Sendable { case pre, inner, post, residual }

    public enum NormPart: String, CaseIterable, Sendable { case scale, bias }

    /// A dense layer of a sublayer: the four projections of attention; gate (activated) and up (linear) into the
    /// feed-forward width, down out of it. Without a gate `up` is activated.
    public enum Dense: String, CaseIterable, Sendable { case query, key, value, output, gate, up, down }

    public enum DensePart: String, CaseIterable, Sendable { case weight, bias }

    public enum Role: Sendable, Hashable {
        case norm(layer: Int, Sublayer, NormPlace, NormPart)
        case dense(layer: Int, Sublayer, Dense, DensePart)
        /// A factor for each head, `[heads]`.
        case headScale(layer: Int, Sublayer)
        /// Added to the scores, `[heads, queries, keys]`.
        case positionBias(layer: Int, Sublayer)
        case finalNorm(NormPart)
    }

    public let role: Role
    public let name: String
    public let shape: Shape
}

extension TransformerStack {
    /// The name of a tensor, without the component's.
    public func name(of role: TransformerTensor.Role) -> String {
        switch role {
        case .norm(let layer, let sublayer, let place, let part):
            "\(name).layers.\(layer).\(sublayer.rawValue).\(place)_norm.\(part)"
        case .dense(let layer, let sublayer, let dense, let part):
            "\(name).layers.\(layer).\(sublayer.rawValue).\(dense).\(part)"
        case .headScale(let layer, let sublayer): "\(name).layers.\(layer).\(sublayer.rawValue).head_scale"
        case .positionBias(let layer, let sublayer): "\(name).layers.\(layer).\(sublayer.rawValue).position_bias"
        case .finalNorm(let part): "\(name).\(finalNormName).\(part)"
        }
    }

    /// Calls `body` with every tensor, in the order they are written.
    ///
    /// - Throws: what `body` does, and `badData` for a shape that is too large to exist.
    public func forEachTensor(
        _ body: (TransformerTensor) throws(DalleError) -> Void
    ) throws(DalleError) {
        func add(_ role: TransformerTensor.Role, _ extents: Int...) throws(DalleError) {
            try body(TransformerTensor(role: role, name: name(of: role), shape: try Shape(extents)))
        }
        for (number, layer) in layers.enumerated() {
            for sublayer in layer.sublayers {
                let isFeedForward = sublayer == .feedForward
                let norms = layer.norms(sublayer)
                for place in TransformerTensor.NormPlace.allCases {
                    let normed = place == .inner && isFeedForward ? layer.feedForward.width : width
                    for part in norms[place]?.parts ?? [] {
                        try add(.norm(layer: number, sublayer, place, part), normed)
                    }
                }
                for (dense, out, into) in denseLayers(layer, sublayer) {
                    try add(.dense(layer: number, sublayer, dense, .weight), out, into)
                    if layer.hasBias(sublayer) { try add(.dense(layer: number, sublayer, dense, .bias), out) }
                }
                guard let attention = layer.attention(sublayer) else { continue }
                if attention.hasHeadScale { try add(.headScale(layer: number, sublayer), heads) }
                if attention.hasPositionBias {
                    try add(.positionBias(layer: number, sublayer), heads, length, attention.keyLength)
                }
            }
        }
        for part in finalNorm?.parts ?? [] { try add(.finalNorm(part), width) }
    }

    /// The dense layers of a sublayer and their sizes.
    func denseLayers(
        _ layer: Layer, _ sublayer: TransformerTensor.Sublayer
    ) -> [(dense: TransformerTensor.Dense, outputs: Int, inputs: Int)] {
        guard sublayer == .feedForward else {
            return [.query, .key, .value, .output].map { ($0, width, width) }
        }
        let inner = layer.feedForward.width
        return (layer.feedForward.isGated ? [(.gate, inner, width)] : [])
            + [(.up, inner, width), (.down, width, inner)]
    }
}

extension TransformerStack.Layer {
    /// In the order of the computation.
    public var sublayers: [TransformerTensor.Sublayer] {
        crossAttention == nil ? [.selfAttention, .feedForward] : [.selfAttention, .crossAttention, .feedForward]
    }

    /// The norms of a sublayer; none of one that is not there.
    public func norms(_ sublayer: TransformerTensor.Sublayer) -> TransformerStack.Norms {
        attention(sublayer)?.norms ?? (sublayer == .feedForward ? feedForward.norms : TransformerStack.Norms())
    }

    func attention(_ sublayer: TransformerTensor.Sublayer) -> TransformerStack.Attention? {
        switch sublayer {
        case .selfAttention: selfAttention
        case .crossAttention: crossAttention
        case .feedForward: nil
        }
    }

    func hasBias(_ sublayer: TransformerTensor.Sublayer) -> Bool {
        attention(sublayer)?.hasBias ?? feedForward.hasBias
    }
}
