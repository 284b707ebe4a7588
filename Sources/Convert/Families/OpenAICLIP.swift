import DalleFormat

/// OpenAI's own names for CLIP's tensors, and the configuration that their shapes tell.
enum OpenAICLIP {
    private static let embedding = "token_embedding.weight"
    private static let prefixes = ["", "module.", "model.", "state_dict.", "model_state_dict."]
    /// Width of an attention head in all of OpenAI's models; no tensor shows it.
    private static let headWidth = 64
    /// Numbers that are stored with the weights and that the shapes show as well, and counters of training.
    private static let ignored = ["input_resolution", "context_length", "vocab_size"]

    /// Whether a checkpoint has these names, perhaps behind a prefix.
    static func isOne(_ tensors: [String: ForeignTensor]) -> Bool { prefix(tensors) != nil }

    private static func prefix(_ tensors: [String: ForeignTensor]) -> String? {
        prefixes.first { tensors[$0 + embedding] != nil && tensors[$0 + "visual.conv1.weight"] != nil }
    }

    static func part(_ checkpoint: CheckpointTensors) throws(DalleError) -> ImportedPart {
        let prefix = prefix(checkpoint.tensors) ?? ""
        var tensors: [String: ForeignTensor] = [:]
        var leftOut = checkpoint.otherEntries
        for (name, tensor) in checkpoint.tensors {
            let own = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
            if ignored.contains(own) || own.hasSuffix(".num_batches_tracked") {
                leftOut.append(own)
            } else {
                tensors[own] = tensor
            }
        }
        let configuration = try configuration(tensors)
        return try CLIPImport.part(
            tensors, configuration, files: checkpoint.files, leftOut: leftOut.sorted(),
            notes: ["sizes are those of the tensors; heads of \(headWidth) and QuickGELU, as OpenAI's models have"],
            find: find)
    }

    /// - Throws: `badData` when a tensor that shows a size is missing or has another number of axes.
    private static func configuration(_ tensors: [String: ForeignTensor]) throws(DalleError) -> CLIPConfiguration {
        func extents(_ name: String, rank: Int) throws(DalleError) -> [Int] {
            guard let shape = tensors[name]?.shape, shape.rank == rank, shape.count > 0 else {
                throw DalleError(
                    .badData,
                    "is \(tensors[name].map { "of shape \($0.shape)" } ?? "missing"), so this is no CLIP of "
                        + "OpenAI's", remedy: "Give a whole checkpoint", item: name)
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
                width: width, layers: count("\(prefix)transformer.resblocks."), heads: max(width / headWidth, 1),
                feedForwardWidth: try extents("\(prefix)transformer.resblocks.0.mlp.c_fc.weight", rank: 2)[0],
                activation: .quickGELU)
        }

        let vocabulary = try extents(embedding, rank: 2)
        let patches = try extents("visual.conv1.weight", rank: 4)
        let vision: CLIPConfiguration.Vision
        let imageSize: Int
        if tensors["visual.proj"] != nil {
            let positions = try extents("visual.positional_embedding", rank: 2)[0] - 1
            vision = .transformer(try tower("visual.", patches[0]), patchSize: patches[3])
            imageSize = try edge(positions) * patches[3]
        } else {
            let width = try extents("visual.conv3.weight", rank: 4)[0]
            let positions = try extents("visual.attnpool.positional_embedding", rank: 2)
            let network = CLIPConfiguration.ResidualNetwork(
                width: width, blocks: (1...4).map { count("visual.layer\($0).") },
                heads: max(positions[1] / headWidth, 1))
            vision = .residual(network)
            imageSize = try edge(positions[0] - 1) * network.factor
        }
        let configuration = CLIPConfiguration(
            text: try tower("", vocabulary[1]), vision: vision, vocabulary: vocabulary[0],
            contextLength: try extents("positional_embedding", rank: 2)[0], imageSize: imageSize,
            projectionWidth: try extents("text_projection", rank: 2)[1])
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
    private static func find(
        _ name: String, _ tensors: [String: ForeignTensor]
    ) throws(DalleError) -> (name: String, tensor: ForeignTensor?) {
        let fields = name.split(separator: ".").map(String.init)
        guard fields.count > 1 else { return (name, tensors[name]) }
        let side = fields[0] == "vision" ? "visual." : ""
        func plain(_ name: String) -> (String, ForeignTensor?) { (side + name, tensors[side + name]) }
        let ending = fields.last == "scale" ? "weight" : fields[fields.count - 1]
        switch fields[1] {
        case "projection":
            let foreign = side.isEmpty ? "text_projection" : "visual.proj"
            // Applied from the right: [width, projection].
            return (foreign, try tensors[foreign]?.permuted([1, 0]))
        case "token_embedding": return plain("token_embedding.weight")
        case "position_embedding": return plain("positional_embedding")
        case "class_embedding": return plain("class_embedding")
        case "patch_embedding": return plain("conv1.weight")
        case "input_norm": return plain("ln_pre.\(ending)")
        case "output_norm": return plain((side.isEmpty ? "ln_final." : "ln_post.") + ending)
        case "pool":
            if fields[2] == "position_embedding" { return plain("attnpool.positional_embedding") }
            let projections = ["query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "c_proj"]
            return plain("attnpool.\(projections[fields[2]] ?? fields[2]).\(ending)")
        case "stem": return plain(normed(fields, at: 3, "", Int(fields[2]).map { $0 + 1 } ?? 0))
        case "stages":
            let block = "layer\((Int(fields[2]) ?? 0) + 1).\(fields[3])."
            if fields[4] == "shortcut" {
                return plain(block + "downsample." + (fields.count == 6 ? "0.weight" : "1.\(statistic(fields[6]))"))
            }
            let number = ["reduce": 1, "spatial": 2, "expand": 3][fields[4]] ?? 0
            return plain(normed(fields, at: 5, block, number))
        default:
            return try layer(fields, side: side, ending: ending, tensors)
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
    private static func layer(
        _ fields: [String], side: String, ending: String, _ tensors: [String: ForeignTensor]
    ) throws(DalleError) -> (name: String, tensor: ForeignTensor?) {
        let block = "\(side)transformer.resblocks.\(fields[2])."
        let (sublayer, place) = (fields[3], fields[4])
        if let third = ["query", "key", "value"].firstIndex(of: place) {
            let name = "\(block)attn.in_proj_\(ending)"
            guard let stacked = tensors[name] else { return (name, nil) }
            guard let rows = stacked.shape.extents.first, rows % 3 == 0 else {
                throw DalleError(.badData, "has shape \(stacked.shape), expected three parts", item: name)
            }
            return (name, try stacked.rows(third * rows / 3..<(third + 1) * rows / 3))
        }
        let isAttention = sublayer == "self_attention"
        let name =
            switch place {
            case "pre_norm": isAttention ? "ln_1" : "ln_2"
            case "output": "attn.out_proj"
            case "up": "mlp.c_fc"
            default: "mlp.c_proj"
            }
        return ("\(block)\(name).\(ending)", tensors["\(block)\(name).\(ending)"])
    }
}
