import DalleFormat
import DalleModels

/// Imports DALL·E mini / Mega from min-dalle's PyTorch files: `encoder.pt` and `decoder.pt` in one directory.
///
/// They hold the weights of dalle-mini's released models under other names, with a scale of 1 written out where Flax has
/// none.
enum MinDalleImport {
    /// - Parameters:
    ///   - source: the directory that holds both files, or one of them, which says of which model.
    ///   - path: dalle-mini's config.json; by default the one in the directory, and without one the sizes are those of
    ///     the tensors.
    ///   - prefix: what stands before a model's names in both files, if there are several models.
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged or not understood,
    ///   `usage` when there are two models.
    static func read(
        _ source: String, configuration path: String?, prefix: String? = nil
    ) throws(DalleError) -> ImportedComponent {
        let names = try MinDalleFiles(source)
        var files: [BartConfiguration.Side: String] = [:]
        var checkpoints: [BartConfiguration.Side: Checkpoint] = [:]
        var models: [BartConfiguration.Side: ModelTensors] = [:]
        var leftOut: [String] = []
        for side in BartConfiguration.Side.allCases {
            let file = names.weights(side)
            files[side] = file
            do throws(DalleError) {
                let checkpoint = try Checkpoint(file)
                checkpoints[side] = checkpoint
                models[side] = try ModelTensors(
                    in: checkpoint.tensors, [layouts[side] ?? layout], top: checkpoint.top, chosen: prefix)
                guard models[side] != nil else {
                    throw DalleError(
                        .badData, "holds no \(side) of min-dalle's among its \(checkpoint.tensors.count) tensors",
                        remedy: "Give min-dalle's encoder.pt and decoder.pt of one model")
                }
                leftOut += checkpoint.otherEntries
            } catch {
                throw (checkpoints[side]?.explained(error) ?? error).located(file: file)
            }
        }
        let tensors = models.mapValues(\.tensors)
        let config = path ?? names.configuration
        let (configuration, notes) = try configuration(tensors, config)
        var taken: [BartConfiguration.Side: Set<String>] = [:]
        var parts: [ImportedComponent.Tensor] = []
        for tensor in try configuration.tensors() {
            let side: BartConfiguration.Side = tensor.isInDecoder ? .decoder : .encoder
            let name = name(tensor.role)
            taken[side, default: []].insert(name)
            let remedy = "Give min-dalle's encoder.pt and decoder.pt of one model"
            guard let tensorInFile = tensors[side]?[name] else {
                let error = DalleError(
                    .badData, "is missing, expected numbers of shape \(tensor.shape)", remedy: remedy,
                    item: models[side]?.fileName(name) ?? name)
                throw (checkpoints[side]?.explained(error) ?? error).located(file: files[side])
            }
            let source: CheckpointTensor
            do throws(DalleError) {
                source = try tensorInFile.fitted(to: tensor.shape, .torch, remedy: remedy)
            } catch {
                throw error.located(file: files[side])
            }
            parts.append(
                .init(
                    name: "\(DalleBartImport.componentName).\(tensor.name)", source: source,
                    isReadRepeatedly: tensor.isInDecoder))
        }
        for (side, model) in models.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            do throws(DalleError) {
                leftOut += try model.others(than: taken[side] ?? [], modules: modules) { _ in false }
            } catch {
                throw error.located(file: files[side])
            }
        }
        return ImportedComponent(
            component: Component(
                name: DalleBartImport.componentName, kind: .dalleBart, configuration: configuration.metadata),
            tensors: parts, files: files.values.sorted() + (config.map { [$0] } ?? []), leftOut: leftOut,
            notes: notes)
    }

    static let layout = ModelTensors.Layout(marks: ["embed_tokens.weight", "layernorm_embedding.weight"])
    private static let layouts: [BartConfiguration.Side: ModelTensors.Layout] = [
        .decoder: .init(marks: ["embed_tokens.weight", "lm_head.weight"])
    ]
    /// The first parts of all names.
    private static let modules: Set = [
        "embed_tokens", "embed_positions", "layernorm_embedding", "final_ln", "lm_head", "layers",
    ]

    private static func configuration(
        _ tensors: [BartConfiguration.Side: [String: CheckpointTensor]], _ path: String?
    ) throws(DalleError) -> (BartConfiguration, notes: [String]) {
        if let path {
            var configuration = try DalleBartConfig(path).configuration()
            configuration.forcesNormScale = true
            return (configuration, [])
        }
        func extents(_ side: BartConfiguration.Side, _ name: String) throws(DalleError) -> [Int] {
            guard let shape = tensors[side]?[name]?.shape, shape.rank == 2 else {
                throw DalleError(
                    .badData, "is missing or no matrix, so this is no model of min-dalle's",
                    remedy:
                        "Give a directory with min-dalle's encoder.pt and decoder.pt", item: name)
            }
            return shape.extents
        }
        func stack(_ side: BartConfiguration.Side) throws(DalleError) -> BartConfiguration.Stack {
            let feedForward = try extents(side, "layers.0.glu.fc0.weight")
            let layers = Set(
                (tensors[side] ?? [:]).keys.compactMap { name -> Int? in
                    name.hasPrefix("layers.") ? Int(name.dropFirst(7).prefix { $0 != "." }) : nil
                }
            ).count
            return BartConfiguration.Stack(
                layers: layers, heads: max(feedForward[1] / DalleBartInference.headWidth, 1),
                feedForwardWidth: feedForward[0], hasFinalNorm: true)
        }
        let text = try extents(.encoder, "embed_tokens.weight"), image = try extents(.decoder, "embed_tokens.weight")
        // min-dalle starts from the last code, dalle-mini from the id after the codes: the weights were trained so.
        var configuration = BartConfiguration(
            width: text[1], encoder: try stack(.encoder), decoder: try stack(.decoder), textVocabulary: text[0],
            imageVocabulary: image[0], textLength: try extents(.encoder, "embed_positions.weight")[0],
            imageLength: try extents(.decoder, "embed_positions.weight")[0], startToken: image[0] - 1,
            padToken: image[0] - 1, endToken: image[0] - 1)
        configuration.forcesNormScale = true
        // Round trip through the file's metadata, which validates every setting.
        configuration = try BartConfiguration(configuration.metadata)
        return (
            configuration,
            [
                "sizes are those of the tensors; \(configuration.decoder.heads) heads, start id \(image[0] - 1), as dalle-mini has"
            ]
        )
    }

    /// min-dalle's name for a tensor, in the file of its side.
    private static func name(_ role: BartTensor.Role) -> String {
        func part(_ part: TransformerTensor.NormPart) -> String { part == .scale ? "weight" : "bias" }
        switch role {
        case .tokenEmbedding: return "embed_tokens.weight"
        case .positionEmbedding: return "embed_positions.weight"
        case .embeddingNorm(_, let own): return "layernorm_embedding.\(part(own))"
        case .stack(_, .finalNorm(let own)): return "final_ln.\(part(own))"
        case .logits: return "lm_head.weight"
        case .stack(_, .norm(let layer, let sublayer, let place, let own)):
            let attention = sublayer == .crossAttention ? "encoder_attn" : "self_attn"
            let norm =
                switch (sublayer, place) {
                case (.feedForward, .pre): "glu.ln0"
                case (.feedForward, _): "glu.ln1"
                case (_, .pre): "pre_\(attention)_layer_norm"
                default: "\(attention)_layer_norm"
                }
            return "layers.\(layer).\(norm).\(part(own))"
        case .stack(_, .dense(let layer, let sublayer, let dense, let own)):
            let names: [TransformerTensor.Dense: String] = [
                .query: "q_proj", .key: "k_proj", .value: "v_proj", .output: "out_proj", .gate: "fc0", .up: "fc1",
                .down: "fc2",
            ]
            let module = [.selfAttention: "self_attn", .crossAttention: "encoder_attn"][sublayer] ?? "glu"
            return "layers.\(layer).\(module).\(names[dense] ?? dense.rawValue).\(own.rawValue)"
        case .stack(_, .headScale(let layer, _)): return "layers.\(layer).head_scale"
        case .stack(_, .positionBias(let layer, _)): return "layers.\(layer).position_bias"
        }
    }
}
