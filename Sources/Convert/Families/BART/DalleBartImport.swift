public import DalleFormat
import DalleModels

/// Imports DALL·E mini / Mega from Flax: the text encoder and image decoder.
public enum DalleBartImport {
    static let componentName = "bart"

    /// Reads a checkpoint, as views of its mapped bytes.
    ///
    /// - Parameters:
    ///   - source: A checkpoint file, an index of shards, or the directory that holds one.
    ///   - configuration: A config.json; by default the one beside the checkpoint. A lone file without one is
    ///     recognised by its keys and shapes, a directory must have one.
    ///   - prefix: what stands before the model's names, if there are several models.
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged, that does not fit
    ///   its configuration, or that holds a parameter or setting that is not understood.
    public static func read(
        _ source: String, configuration: String?, prefix: String? = nil
    ) throws(DalleError) -> ImportedComponent {
        try SourceWatch.watching { () throws(DalleError) in
            try part(at: source, configuration: configuration, prefix: prefix)
        }
    }

    private static func part(
        at source: String, configuration: String?, prefix: String?
    ) throws(DalleError) -> ImportedComponent {
        let checkpoint = try FlaxCheckpoint(source)
        let config = if let configuration { configuration } else { try Self.config(beside: source) }
        do throws(DalleError) {
            guard let model = try ModelTensors(in: checkpoint.tensors, [layout], chosen: prefix) else {
                throw DalleError(
                    .badData, "has no FlaxBart layers, so it is no DALL·E mini model",
                    remedy: "Give a dalle-mini flax_model.msgpack")
            }
            return try part(model, checkpoint, config: config)
        } catch {
            throw error.located(file: checkpoint.files.first ?? source)
        }
    }

    static let layout = ModelTensors.Layout(
        marks: ["model/encoder/embed_tokens/embedding", "lm_head/kernel"], separator: "/")

    /// The config.json beside a checkpoint; a checkpoint file may be without.
    private static func config(beside source: String) throws(DalleError) -> String? {
        let isDirectory = PathKind(source) == .directory
        let path = CheckpointFiles.beside(source, DalleBartConfig.fileName)
        if PathKind(path) == .file { return path }
        guard !isDirectory else {
            throw DalleError(
                .missingInput, "the directory has no config.json",
                remedy: "Put the checkpoint's config.json there, name it with --config, or name the checkpoint file "
                    + "itself to have its settings inferred", file: source)
        }
        return nil
    }

    private static func part(
        _ model: ModelTensors, _ checkpoint: FlaxCheckpoint, config: String?
    ) throws(DalleError) -> ImportedComponent {
        let isStacked = try layersAreStacked(model.tensors.keys)
        var notes: [String] = []
        let configuration: BartConfiguration
        if let config {
            var read = try DalleBartConfig(config).configuration()
            // Stacked layers are all alike, so that the last one has a scale that upstream otherwise leaves out.
            read.scalesLastResidualNorm = isStacked
            configuration = read
        } else {
            let inference = try DalleBartInference(
                model.tensors.filter { modules.contains(String($0.key.prefix { $0 != "/" })) }, isStacked: isStacked)
            configuration = inference.configuration
            notes = inference.notes
        }
        let names = DalleBartNames(configuration, isStacked: isStacked)
        var taken: Set<String> = []
        var tensors: [ImportedComponent.Tensor] = []
        for tensor in try configuration.tensors() {
            let leaf = names.leaf(tensor.role)
            taken.insert(leaf.path)
            let layers = leaf.slice == nil ? nil : layerCount(tensor.role, configuration)
            let array = try fitting(model, leaf, tensor, layers: layers)
            let view = if let index = leaf.slice { try array.slice(index) } else { array }
            tensors.append(
                ImportedComponent.Tensor(
                    name: "\(componentName).\(tensor.name)", source: try DalleBartNames.canonical(view, tensor),
                    isReadRepeatedly: tensor.isInDecoder))
        }
        let leftOut: [String]
        do throws(DalleError) {
            leftOut = try model.others(than: taken, modules: modules) { _ in false }
        } catch {
            throw DalleError(
                .badData, "a parameter that the configuration has no place for",
                remedy: "Check that config.json belongs to this checkpoint", item: error.item)
        }
        return ImportedComponent(
            component: Component(name: componentName, kind: .dalleBart, configuration: configuration.metadata),
            tensors: tensors, files: checkpoint.files + (config.map { [$0] } ?? []),
            leftOut: leftOut + checkpoint.others, notes: notes)
    }

    /// The first parts of all names.
    private static let modules: Set = ["model", "lm_head"]

    private static func layersAreStacked(_ keys: some Collection<String>) throws(DalleError) -> Bool {
        let stacked = keys.contains { $0.contains("/FlaxBartEncoderLayers/") }
        let single = keys.contains { $0.contains("/FlaxBartEncoderLayer_") }
        guard stacked != single else {
            throw DalleError(
                .badData,
                stacked ? "has stacked and single layers" : "has no FlaxBart layers, so it is no DALL·E mini model",
                remedy: "Give a dalle-mini flax_model.msgpack")
        }
        return stacked
    }

    /// The leaf, if it is there and has the shape that the configuration calls for.
    private static func fitting(
        _ model: ModelTensors, _ leaf: DalleBartNames.Leaf, _ tensor: BartTensor, layers: Int?
    ) throws(DalleError) -> CheckpointTensor {
        let expected = try Shape((layers.map { [$0] } ?? []) + DalleBartNames.upstreamShape(tensor))
        guard let array = model.tensors[leaf.path] else {
            throw DalleError(
                .badData, "is not in the checkpoint, and the configuration calls for it with shape \(expected)",
                remedy: "Check that config.json belongs to this checkpoint and that the checkpoint is whole",
                item: model.fileName(leaf.path))
        }
        guard let fitting = try array.withUnitAxes(of: expected) else {
            throw DalleError(
                .badData, "has shape \(array.shape), and the configuration calls for \(expected)",
                remedy: "Check that config.json belongs to this checkpoint", item: array.name)
        }
        guard array.dtype.isFloatingPoint else {
            throw DalleError(
                .badData, "has elements of type \(array.dtype.rawValue), expected floating-point numbers",
                item: array.name)
        }
        return fitting
    }

    private static func layerCount(_ role: BartTensor.Role, _ configuration: BartConfiguration) -> Int? {
        guard case .stack(let side, let role) = role else { return nil }
        if case .finalNorm = role { return nil }
        return configuration[side].layers
    }
}
