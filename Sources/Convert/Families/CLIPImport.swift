public import DalleFormat

/// Imports a CLIP: Hugging Face's layout (PyTorch, safetensors, Flax) and OpenAI's own (TorchScript archive or plain
/// state dictionary), with a vision transformer or a residual network.
public enum CLIPImport {
    static let componentName = "clip"

    /// - Parameters:
    ///   - source: the file of tensors, the index of its shards, or the directory that holds one.
    ///   - vocabulary: OpenAI's file of byte pairs, if not the one beside the source.
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged or not understood.
    public static func read(_ source: String, vocabulary: String? = nil) throws(DalleError) -> [ImportedPart] {
        try SourceWatch.watching { () throws(DalleError) in try parts(source, vocabulary) }
    }

    private static func parts(_ source: String, _ vocabulary: String?) throws(DalleError) -> [ImportedPart] {
        let file = try tensorFile(source)
        let checkpoint = try CheckpointTensors(file)
        var part: ImportedPart
        do throws(DalleError) {
            part = try checkpoint.part { () throws(DalleError) in
                if OpenAICLIP.isOne(checkpoint.tensors) {
                    try OpenAICLIP.part(checkpoint)
                } else {
                    try huggingFacePart(checkpoint, source)
                }
            }
        } catch {
            throw error.located(file: file)
        }
        let tokenizer = try CLIPTokenizerImport.read(
            directory: CheckpointFiles.directory(of: source), vocabulary: vocabulary,
            embedded: try CLIPConfiguration(part.component.configuration).vocabulary)
        if tokenizer == nil {
            part.notes.append(
                "no tokenizer beside it: pictures can be compared, not held against a text; --bpe names one")
        }
        return [part] + (tokenizer.map { [$0] } ?? [])
    }

    private static func tensorFile(_ source: String) throws(DalleError) -> String {
        switch PathKind(source) {
        case .file, .other: return source
        case .nothing: throw DalleError(.missingInput, "there is no such file or directory", file: source)
        case .directory:
            let names = ["model.safetensors", "pytorch_model.bin", "flax_model.msgpack"]
            for name in names.flatMap({ [$0, $0 + ShardIndex.ending] }) {
                let path = CheckpointFiles.beside(source, name)
                if PathKind(path) == .file { return path }
            }
            throw DalleError(
                .missingInput, "the directory holds none of \(names.joined(separator: ", "))",
                remedy: "Name the file of tensors itself if it is called otherwise", file: source)
        }
    }

    private static func huggingFacePart(
        _ checkpoint: CheckpointTensors, _ source: String
    ) throws(DalleError) -> ImportedPart {
        let config = CheckpointFiles.beside(source, CLIPConfig.fileName)
        let configuration = try CLIPConfig(config).configuration(
            preprocessor: CheckpointFiles.beside(source, CLIPConfig.preprocessorName))
        let tensors = checkpoint.container == .flax ? try asTorch(checkpoint.tensors) : checkpoint.tensors
        return try part(
            // Buffers that old files carry: the numbers from 0 on.
            tensors.filter { !$0.key.hasSuffix(".position_ids") }, configuration, files: checkpoint.files + [config]
        ) { name, tensors throws(DalleError) in
            let foreign = CLIPNames.huggingFace(name)
            return (foreign, tensors[foreign])
        }
    }

    /// Flax's names and axes as PyTorch has them.
    private static func asTorch(_ tensors: [String: ForeignTensor]) throws(DalleError) -> [String: ForeignTensor] {
        var renamed: [String: ForeignTensor] = [:]
        for (path, tensor) in tensors {
            var parts = path.split(separator: "/")
            var tensor = tensor
            switch parts.last {
            case "kernel" where tensor.shape.rank == 2: tensor = try tensor.permuted([1, 0])
            case "kernel" where tensor.shape.rank == 4: tensor = try tensor.permuted([3, 2, 0, 1])
            default: break
            }
            if let last = parts.last, ["kernel", "scale", "embedding"].contains(last) {
                parts[parts.count - 1] = "weight"
            }
            renamed[parts.joined(separator: ".")] = tensor
        }
        return renamed
    }

    /// The part that a checkpoint's tensors make.
    ///
    /// - Parameter find: where the tensor of a canonical name is, and the tensor if it is there.
    static func part(
        _ foreign: [String: ForeignTensor], _ configuration: CLIPConfiguration, files: [String],
        leftOut: [String] = [], notes: [String] = [],
        find: (String, [String: ForeignTensor]) throws(DalleError) -> (name: String, tensor: ForeignTensor?)
    ) throws(DalleError) -> ImportedPart {
        var unused = Set(foreign.keys)
        var tensors: [ImportedPart.Tensor] = []
        for tensor in try configuration.tensors() {
            let (name, found) = try find(tensor.name, foreign)
            guard let found else {
                throw DalleError(
                    .badData, "is not in the checkpoint, and the configuration calls for it",
                    remedy: "Check that the checkpoint is whole and config.json belongs to it", item: name)
            }
            unused.remove(name)
            // Convolution kernels come as [out, in, height, width].
            let view = found.shape.rank == 4 ? try found.permuted([0, 2, 3, 1]) : found
            guard view.shape == tensor.shape || (view.shape.count == 1 && tensor.shape.rank == 0),
                view.dtype.isFloatingPoint
            else {
                throw DalleError(
                    .badData,
                    "is \(view.dtype.rawValue) of shape \(view.shape), and the configuration calls for "
                        + "\(tensor.shape)", remedy: "Check that config.json belongs to this checkpoint", item: name)
            }
            tensors.append(
                .init(name: "\(componentName).\(tensor.name)", source: try view.reshaped(ifScalar: tensor.shape)))
        }
        if let name = unused.min() {
            throw DalleError(
                .badData, "a tensor that the configuration has no place for, one of \(unused.count)", item: name)
        }
        return ImportedPart(
            component: Component(name: componentName, kind: .clip, configuration: configuration.metadata),
            tensors: tensors, files: files, leftOut: leftOut, notes: notes)
    }
}

extension ForeignTensor {
    /// A single number may come as a list of one.
    fileprivate func reshaped(ifScalar shape: Shape) throws(DalleError) -> ForeignTensor {
        shape.rank == 0 && self.shape.rank != 0 ? try reshaped([]) : self
    }
}
