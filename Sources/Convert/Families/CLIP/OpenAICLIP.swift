import DalleFormat
import DalleModels

/// OpenAI's own names for CLIP's tensors, which open_clip took over, and the configuration that their shapes tell.
struct OpenAICLIP {
    private let model: ModelTensors
    private var tensors: [String: CheckpointTensor] { model.tensors }
    /// open_clip's models with a text tower of its own have `text.` before its names.
    private let textPrefix: String

    private static let embedding = "token_embedding.weight"
    private static let patches = "visual.conv1.weight"
    private static let separateText = "text."

    /// OpenAI's own layout, and the one with a separate text tower.
    static let layouts = ["", separateText].map { ModelTensors.Layout(marks: [$0 + embedding, patches]) }

    /// - Parameter layout: index of the model's in `layouts`.
    init(_ model: ModelTensors, layout: Int) {
        self.model = model
        textPrefix = layout == 0 ? "" : Self.separateText
    }

    /// Numbers that are stored with the weights and that the shapes show as well, masks and counters of training.
    static func isInert(_ parts: [Substring]) -> Bool {
        ["num_batches_tracked", "attn_mask"].contains(parts.last)
    }

    static let modules: Set = [
        "visual", "transformer", "token_embedding", "positional_embedding", "ln_final", "text_projection",
        "logit_scale", "logit_bias", "text",
    ]

    /// The sizes that the shapes tell; heads and activation are to be set.
    ///
    /// - Throws: `badData` when a tensor that shows a size is missing or has another number of axes.
    func configuration() throws(DalleError) -> CLIPConfiguration {
        func extents(_ name: String, rank: Int) throws(DalleError) -> [Int] {
            guard let shape = tensors[name]?.shape, shape.rank == rank, shape.count > 0 else {
                throw DalleError(
                    .badData,
                    "is \(tensors[name].map { "of shape \($0.shape)" } ?? "missing"), so this is no CLIP of "
                        + "OpenAI's", remedy: "Give a whole checkpoint", item: model.fileName(name))
            }
            return shape.extents
        }
        func count(_ prefix: String) -> Int {
            Set(
                tensors.keys.lazy.filter { $0.hasPrefix(prefix) }.compactMap {
                    Int($0.dropFirst(prefix.count).prefix { $0 != "." })
                }
            ).count
        }
        func tower(_ prefix: String, _ width: Int) throws(DalleError) -> CLIPConfiguration.Tower {
            CLIPConfiguration.Tower(
                width: width, layers: count("\(prefix)transformer.resblocks."), heads: 1,
                feedForwardWidth: try extents("\(prefix)transformer.resblocks.0.mlp.c_fc.weight", rank: 2)[0],
                activation: .quickGELU)
        }

        let vocabulary = try extents(textPrefix + Self.embedding, rank: 2)
        let patches = try extents(Self.patches, rank: 4)
        let vision: CLIPConfiguration.Vision
        let imageSize: Int
        if tensors["visual.proj"] != nil {
            let positions = try extents("visual.positional_embedding", rank: 2)[0] - 1
            vision = .transformer(try tower("visual.", patches[0]), patchSize: patches[3])
            imageSize = try Self.edge(positions) * patches[3]
        } else {
            let width = try extents("visual.conv3.weight", rank: 4)[0]
            let positions = try extents("visual.attnpool.positional_embedding", rank: 2)
            let network = CLIPConfiguration.ResidualNetwork(
                width: width, blocks: (1...4).map { count("visual.layer\($0).") },
                heads: 1)
            vision = .residual(network)
            imageSize = try Self.edge(positions[0] - 1) * network.factor
        }
        let configuration = CLIPConfiguration(
            text: try tower(textPrefix, vocabulary[1]), vision: vision, vocabulary: vocabulary[0],
            contextLength: try extents("\(textPrefix)positional_embedding", rank: 2)[0], imageSize: imageSize,
            projectionWidth: try extents("\(textPrefix)text_projection", rank: 2)[1])
        return try CLIPConfiguration(configuration.metadata)
    }

    /// The edge of a square of positions.
    private static func edge(_ positions: Int) throws(DalleError) -> Int {
        let edge = Int(Double(max(positions, 0)).squareRoot().rounded())
        guard edge > 0, edge * edge == positions else {
            throw DalleError(.badData, "\(positions) positions of a picture are no square")
        }
        return edge
    }

    /// Where the tensor of a canonical name is.
    func place(_ name: String) -> CLIPImport.Place {
        let fields = name.split(separator: ".").map(String.init)
        guard fields.count > 1 else { return .init(name: name) }
        let side = fields[0] == "vision" ? "visual." : textPrefix
        func plain(_ name: String) -> CLIPImport.Place { .init(name: side + name) }
        let isText = fields[0] == "text"
        let ending = fields.last == "scale" ? "weight" : fields[fields.count - 1]
        switch fields[1] {
        case "projection":
            // Applied from the right: [width, projection].
            return .init(name: side + (isText ? "text_projection" : "proj"), axes: .flax)
        case "token_embedding": return plain("token_embedding.weight")
        case "position_embedding": return plain("positional_embedding")
        case "class_embedding": return plain("class_embedding")
        case "patch_embedding": return plain("conv1.weight")
        case "input_norm": return plain("ln_pre.\(ending)")
        case "output_norm": return plain((isText ? "ln_final." : "ln_post.") + ending)
        case "pool":
            if fields[2] == "position_embedding" { return plain("attnpool.positional_embedding") }
            let projections = ["query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "c_proj"]
            return plain("attnpool.\(projections[fields[2]] ?? fields[2]).\(ending)")
        case "stem": return plain(Self.normed(fields, at: 3, "", Int(fields[2]).map { $0 + 1 } ?? 0))
        case "stages":
            let block = "layer\((Int(fields[2]) ?? 0) + 1).\(fields[3])."
            if fields[4] == "shortcut" {
                return plain(
                    block + "downsample." + (fields.count == 6 ? "0.weight" : "1.\(Self.statistic(fields[6]))"))
            }
            let number = ["reduce": 1, "spatial": 2, "expand": 3][fields[4]] ?? 0
            return plain(Self.normed(fields, at: 5, block, number))
        default:
            return Self.layer(fields, side: side, ending: ending)
        }
    }

    /// A convolution or the batch norm after it, which have the same number.
    private static func normed(_ fields: [String], at index: Int, _ block: String, _ number: Int) -> String {
        fields[index] == "norm" ? "\(block)bn\(number).\(statistic(fields[index + 1]))" : "\(block)conv\(number).weight"
    }

    private static func statistic(_ part: String) -> String {
        ["scale": "weight", "mean": "running_mean", "variance": "running_var"][part] ?? part
    }

    /// A tensor of a transformer layer; queries, keys and values are the thirds of one matrix.
    private static func layer(_ fields: [String], side: String, ending: String) -> CLIPImport.Place {
        let block = "\(side)transformer.resblocks.\(fields[2])."
        let (sublayer, place) = (fields[3], fields[4])
        if let third = ["query", "key", "value"].firstIndex(of: place) {
            return .init(name: "\(block)attn.in_proj_\(ending)", third: third)
        }
        let isAttention = sublayer == "self_attention"
        let name =
            switch place {
            case "pre_norm": isAttention ? "ln_1" : "ln_2"
            case "output": "attn.out_proj"
            case "up": "mlp.c_fc"
            default: "mlp.c_proj"
            }
        return .init(name: "\(block)\(name).\(ending)")
    }
}
