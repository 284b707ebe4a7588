public import DalleFormat

/// Imports a CLIP with a vision transformer in Hugging Face's layout: a directory with config.json and
/// model.safetensors or pytorch_model.bin, and the tokenizer's files.
public enum CLIPImport {
    static let componentName = "clip"

    /// - Parameter source: the directory, or the file of tensors in it.
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged or not understood.
    public static func read(_ source: String) throws(DalleError) -> [ImportedPart] {
        let file = try tensorFile(source)
        let tensors = try self.tensors(file)
        let config = CheckpointFiles.beside(source, CLIPConfig.fileName)
        let configuration = try CLIPConfig(config).configuration(
            preprocessor: CheckpointFiles.beside(source, CLIPConfig.preprocessorName))
        var part: ImportedPart
        do throws(DalleError) {
            part = try self.part(tensors, configuration, files: [file, config])
        } catch {
            throw error.located(file: file)
        }
        guard let tokenizer = try CLIPTokenizerImport.read(directory: CheckpointFiles.directory(of: source)) else {
            part.notes.append("no tokenizer beside it: pictures can be compared, not held against a text")
            return [part]
        }
        return [part, tokenizer]
    }

    private static func tensorFile(_ source: String) throws(DalleError) -> String {
        switch PathKind(source) {
        case .file, .other: return source
        case .nothing: throw DalleError(.missingInput, "there is no such file or directory", file: source)
        case .directory:
            for name in ["model.safetensors", "pytorch_model.bin"] {
                let path = CheckpointFiles.beside(source, name)
                if PathKind(path) == .file { return path }
            }
            throw DalleError(
                .missingInput, "the directory holds neither model.safetensors nor pytorch_model.bin",
                remedy: "Give a CLIP in Hugging Face's layout", file: source)
        }
    }

    private static func tensors(_ path: String) throws(DalleError) -> [String: ForeignTensor] {
        path.hasSuffix(".safetensors")
            ? try SafetensorsFile(try MappedFile(path)).tensors : try TorchCheckpoint(path).tensors
    }

    private static func part(
        _ foreign: [String: ForeignTensor], _ configuration: CLIPConfiguration, files: [String]
    ) throws(DalleError) -> ImportedPart {
        // Buffers that old files carry: the numbers from 0 on.
        var unused = Set(foreign.keys.filter { !$0.hasSuffix(".position_ids") })
        var tensors: [ImportedPart.Tensor] = []
        for tensor in try configuration.tensors() {
            let name = CLIPNames.huggingFace(tensor.name)
            guard let array = foreign[name] else {
                throw DalleError(
                    .badData, "is not in the checkpoint, and the configuration calls for it",
                    remedy: "Check that config.json belongs to this checkpoint", item: name)
            }
            unused.remove(name)
            // Convolution kernels come as [out, in, height, width].
            let view = array.shape.rank == 4 ? try array.permuted([0, 2, 3, 1]) : array
            guard view.shape == tensor.shape || (view.shape.count == 1 && tensor.shape.rank == 0) else {
                throw DalleError(
                    .badData, "has shape \(view.shape), and the configuration calls for \(tensor.shape)",
                    remedy: "Check that config.json belongs to this checkpoint", item: name)
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
            tensors: tensors, files: files)
    }
}

extension ForeignTensor {
    /// A single number may come as a list of one.
    fileprivate func reshaped(ifScalar shape: Shape) throws(DalleError) -> ForeignTensor {
        shape.rank == 0 && self.shape.rank != 0 ? try reshaped([]) : self
    }
}

/// Where Hugging Face's CLIPModel keeps each tensor of the canonical list.
enum CLIPNames {
    private static let parts = [
        "scale": "weight", "output_norm": "final_layer_norm", "input_norm": "pre_layrnorm", "query": "q_proj",
        "key": "k_proj", "value": "v_proj", "output": "out_proj", "up": "fc1", "down": "fc2",
    ]

    static func huggingFace(_ name: String) -> String {
        let fields = name.split(separator: ".").map(String.init)
        guard fields.count > 1 else { return name }
        let side = fields[0]
        let rest = fields.dropFirst().map { parts[$0] ?? $0 }
        switch fields[1] {
        case "projection":
            return side == "text" ? "text_projection.weight" : "visual_projection.weight"
        case "class_embedding":
            return "\(side)_model.embeddings.class_embedding"
        case "token_embedding", "position_embedding", "patch_embedding":
            return "\(side)_model.embeddings.\(fields[1]).weight"
        case "output_norm" where side == "vision":
            return "vision_model.post_layernorm.\(rest[rest.count - 1])"
        case "layers":
            let (layer, sublayer, place, part) = (fields[2], fields[3], fields[4], rest[rest.count - 1])
            let module =
                switch (sublayer, place) {
                case ("self_attention", "pre_norm"): "layer_norm1"
                case ("feed_forward", "pre_norm"): "layer_norm2"
                case ("self_attention", _): "self_attn.\(parts[place] ?? place)"
                default: "mlp.\(parts[place] ?? place)"
                }
            return "\(side)_model.encoder.layers.\(layer).\(module).\(part)"
        default:
            return "\(side)_model." + rest.joined(separator: ".")
        }
    }
}
