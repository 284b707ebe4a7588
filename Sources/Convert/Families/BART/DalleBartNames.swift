import DalleFormat
import DalleModels

/// Where dalle-mini's parameter tree keeps each tensor of the canonical list.
struct DalleBartNames {
    /// A leaf of the tree.
    struct Leaf: Hashable {
        /// Path in a checkpoint.
        let path: String
        /// The index along the leading axis, if layers are stacked.
        let slice: Int?
    }

    private let configuration: BartConfiguration
    private let stacks: [BartTensor.Side: TransformerStack]
    /// All layers of a side are stacked in one leaf, as when training scanned over them.
    private let isStacked: Bool

    init(_ configuration: BartConfiguration, isStacked: Bool) {
        self.configuration = configuration
        stacks = [.encoder: configuration.transformer(.encoder), .decoder: configuration.transformer(.decoder)]
        self.isStacked = isStacked
    }

    func leaf(_ role: BartTensor.Role) -> Leaf {
        switch role {
        case .tokenEmbedding(let side): Leaf(path: "model/\(side)/embed_tokens/embedding", slice: nil)
        case .positionEmbedding(let side): Leaf(path: "model/\(side)/embed_positions/embedding", slice: nil)
        case .embeddingNorm(let side, let part): Leaf(path: "model/\(side)/layernorm_embedding/\(part)", slice: nil)
        case .logits: Leaf(path: "lm_head/kernel", slice: nil)
        case .stack(let side, .finalNorm(let part)): Leaf(path: "model/\(side)/final_ln/\(part)", slice: nil)
        case .stack(let side, .norm(let layer, let sublayer, let place, let part)):
            inLayer(side, layer, "\(normPath(side, layer, sublayer, place))/\(part)")
        case .stack(let side, .dense(let layer, let sublayer, let dense, let part)):
            inLayer(side, layer, "\(densePath(sublayer, dense))/\(part == .weight ? "kernel" : "bias")")
        case .stack(let side, .headScale(let layer, let sublayer)):
            inLayer(side, layer, "\(modulePath(sublayer))/head_scale")
        case .stack(let side, .positionBias(let layer, let sublayer)):
            inLayer(side, layer, "\(modulePath(sublayer))/rel_bias/embedding")
        }
    }

    /// The shape upstream gives a leaf whose canonical tensor is `tensor`, without a stacking axis.
    static func upstreamShape(_ tensor: BartTensor) -> [Int] {
        let extents = tensor.shape.extents
        return switch tensor.role {
        case .stack(_, .dense(_, _, _, .weight)), .logits: extents.reversed()
        case .stack(_, .headScale): [1, 1, extents[0], 1]
        case .stack(_, .positionBias): [extents[1], extents[2] * extents[0]]
        default: extents
        }
    }

    /// Brings a leaf, sliced out of its stack, into the canonical layout.
    static func canonical(_ leaf: CheckpointTensor, _ tensor: BartTensor) throws(DalleError) -> CheckpointTensor {
        let extents = tensor.shape.extents
        switch tensor.role {
        case .stack(_, .dense(_, _, _, .weight)), .logits:
            return try leaf.permuted([1, 0])
        case .stack(_, .headScale):
            return try leaf.reshaped(extents)
        case .stack(_, .positionBias):
            return try leaf.reshaped([extents[1], extents[2], extents[0]]).permuted([2, 0, 1])
        default:
            return leaf
        }
    }

    private func inLayer(_ side: BartTensor.Side, _ layer: Int, _ path: String) -> Leaf {
        let name = side == .encoder ? "FlaxBartEncoderLayer" : "FlaxBartDecoderLayer"
        return isStacked
            ? Leaf(path: "model/\(side)/layers/\(name)s/\(path)", slice: layer)
            : Leaf(path: "model/\(side)/layers/\(name)_\(layer)/\(path)", slice: nil)
    }

    private func modulePath(_ sublayer: TransformerTensor.Sublayer) -> String {
        switch sublayer {
        case .selfAttention: "FlaxBartAttention_0"
        case .crossAttention: "FlaxBartAttention_1"
        case .feedForward: configuration.usesGLU ? "GLU_0" : "FFN_0"
        }
    }

    private func densePath(_ sublayer: TransformerTensor.Sublayer, _ dense: TransformerTensor.Dense) -> String {
        let name =
            switch dense {
            case .query: "q_proj"
            case .key: "k_proj"
            case .value: "v_proj"
            case .output: "out_proj"
            case .gate: "Dense_0"
            case .up: configuration.usesGLU ? "Dense_1" : "Dense_0"
            case .down: configuration.usesGLU ? "Dense_2" : "Dense_1"
            }
        return "\(modulePath(sublayer))/\(name)"
    }

    /// Flax numbers the norms of a module in the order they are made, those without parameters too.
    private func normPath(
        _ side: BartTensor.Side, _ layer: Int, _ sublayer: TransformerTensor.Sublayer,
        _ place: TransformerTensor.NormPlace
    ) -> String {
        let type = configuration.normKind == .layerNorm ? "LayerNorm" : "RMSNorm"
        guard let own = stacks[side]?.layers[layer] else { return type }
        if sublayer == .feedForward, place != .residual {
            let norms = own.norms(sublayer)
            let before = TransformerTensor.NormPlace.allCases.prefix { $0 != place }.filter { norms[$0] != nil }
            return "\(modulePath(sublayer))/\(type)_\(before.count)"
        }
        if place == .inner { return "\(modulePath(sublayer))/mid_layernorm" }
        var number = 0
        for earlier in own.sublayers {
            let norms = own.norms(earlier)
            let ownModule: Set<TransformerTensor.NormPlace> =
                earlier == .feedForward ? [.pre, .inner, .post] : [.inner]
            for candidate in TransformerTensor.NormPlace.allCases
            where norms[candidate] != nil && !ownModule.contains(candidate) {
                if earlier == sublayer, candidate == place { return "\(type)_\(number)" }
                number += 1
            }
        }
        return "\(type)_\(number)"
    }
}
