public import DalleFormat
import DalleModels

/// Imports a CLIP: Hugging Face's layout (PyTorch, safetensors, Flax) and OpenAI's own (TorchScript archive or plain
/// state dictionary), with a vision transformer or a residual network.
public enum CLIPImport {
    static let componentName = "clip"

    /// - Parameters:
    ///   - source: the file of tensors, the index of its shards, or the directory that holds one.
    ///   - vocabulary: OpenAI's file of byte pairs, if not the one beside the source.
    ///   - function: what no shape tells, for tensors under OpenAI's names without a configuration.
    ///   - prefix: what stands before the model's names, if there are several models.
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged or not understood,
    ///   `usage` when the tensors fit several functions or there are several models.
    public static func read(
        _ source: String, vocabulary: String? = nil, function: CLIPFunction = CLIPFunction(), prefix: String? = nil
    ) throws(DalleError) -> [ImportedComponent] {
        try SourceWatch.watching { () throws(DalleError) in try parts(source, vocabulary, function, prefix) }
    }

    private static func parts(
        _ source: String, _ vocabulary: String?, _ function: CLIPFunction, _ prefix: String?
    ) throws(DalleError) -> [ImportedComponent] {
        let file = try tensorFile(source)
        var part: ImportedComponent
        do throws(DalleError) {
            let checkpoint = try Checkpoint(file)
            part = try checkpoint.part { () throws(DalleError) in
                try self.part(checkpoint, source, function, prefix: prefix)
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
            let names =
                ["model.safetensors", "pytorch_model.bin", "flax_model.msgpack"] + OpenClipConfig.tensorFiles
            for name in names.flatMap({ [$0, $0 + ShardIndex.ending] }) {
                let path = CheckpointFiles.beside(source, name)
                if PathKind(path) == .file { return path }
            }
            throw DalleError(
                .missingInput, "the directory holds none of \(names.joined(separator: ", "))",
                remedy: "Name the file of tensors itself if it is called otherwise", file: source)
        }
    }

    /// Where a tensor of the canonical list is.
    struct Place {
        let name: String
        var axes = AxisOrder.torch
        /// Which third of the rows it is, where query, key and value projections are one matrix.
        var third: Int?
    }

    private static func part(
        _ checkpoint: Checkpoint, _ source: String, _ function: CLIPFunction, prefix: String?
    ) throws(DalleError) -> ImportedComponent {
        let layouts = OpenAICLIP.layouts + HuggingFaceCLIP.layouts
        let beside = CheckpointFiles.beside(source, OpenClipConfig.fileName)
        let model = try ModelTensors(in: checkpoint.tensors, layouts, top: checkpoint.top, chosen: prefix)
        guard let model else {
            // A tower of another library is said by its key.
            if PathKind(beside) == .file { _ = try OpenClipConfig(beside) }
            throw DalleError(
                .badData,
                "holds no CLIP: no names of OpenAI's, open_clip's or Hugging Face's are among its "
                    + "\(checkpoint.tensors.count)", remedy: "Give a CLIP of one of these")
        }
        guard model.layout < OpenAICLIP.layouts.count else {
            return try huggingFacePart(model, checkpoint, source, function)
        }
        let openAI = OpenAICLIP(model, layout: model.layout)
        var configuration = try openAI.configuration()
        var notes: [String] = []
        var files = checkpoint.files
        if PathKind(beside) == .file {
            try OpenClipConfig(beside).apply(to: &configuration)
            try function.requireAgreement(with: configuration, file: beside)
            files.append(beside)
        } else {
            notes.append("sizes are those of the tensors; " + (try function.apply(to: &configuration)))
        }
        var part = try self.part(
            model, configuration, files: files, modules: OpenAICLIP.modules, isInert: OpenAICLIP.isInert,
            others: checkpoint.otherEntries, find: openAI.place)
        part.notes += notes
        return part
    }

    private static func huggingFacePart(
        _ model: ModelTensors, _ checkpoint: Checkpoint, _ source: String, _ function: CLIPFunction
    ) throws(DalleError) -> ImportedComponent {
        let config = CheckpointFiles.beside(source, CLIPConfig.fileName)
        var configuration = try CLIPConfig(config).configuration()
        var files = checkpoint.files + [config]
        if let preprocessing = try CLIPPreprocessing(beside: source) {
            try preprocessing.apply(to: &configuration)
            files.append(preprocessing.file)
        }
        try function.requireAgreement(with: configuration, file: config)
        let names = HuggingFaceCLIP(model, isFlax: model.layout == OpenAICLIP.layouts.count + 1)
        return try part(
            model, configuration, files: files, modules: HuggingFaceCLIP.modules, isInert: HuggingFaceCLIP.isInert,
            others: checkpoint.otherEntries, find: names.place)
    }

    /// The part that a model's tensors make.
    ///
    /// - Parameter find: where the tensor of a canonical name is.
    private static func part(
        _ model: ModelTensors, _ configuration: CLIPConfiguration, files: [String], modules: Set<String>,
        isInert: ([Substring]) -> Bool, others: [String], find: (String) -> Place
    ) throws(DalleError) -> ImportedComponent {
        let remedy = "Check that the configuration belongs to this checkpoint"
        var taken: Set<String> = []
        var tensors: [ImportedComponent.Tensor] = []
        // Round trip through the file's metadata, which validates every setting.
        let configuration = try CLIPConfiguration(configuration.metadata)
        for tensor in try configuration.tensors() {
            let place = find(tensor.name)
            guard let found = model.tensors[place.name] else {
                throw DalleError(
                    .badData, "is not in the checkpoint, and the configuration calls for it",
                    remedy: "Check that the checkpoint is whole and the configuration belongs to it",
                    item: model.fileName(place.name))
            }
            taken.insert(place.name)
            var view: CheckpointTensor
            if let third = place.third {
                let rows = tensor.shape[0]
                let (three, overflow) = rows.multipliedReportingOverflow(by: 3)
                guard !overflow else { throw DalleError(.badData, "is too large to exist", item: found.name) }
                view = try found.fitted(
                    to: try Shape([three] + tensor.shape.extents.dropFirst()), place.axes, remedy: remedy
                ).rows(third * rows..<(third + 1) * rows)
            } else {
                view = try found.fitted(to: tensor.shape, place.axes, remedy: remedy)
            }
            tensors.append(.init(name: "\(componentName).\(tensor.name)", source: view))
        }
        let leftOut = try model.others(than: taken, modules: modules, isInert: isInert)
        return ImportedComponent(
            component: Component(name: componentName, kind: .clip, configuration: configuration.metadata),
            tensors: tensors, files: files, leftOut: leftOut + others)
    }
}
