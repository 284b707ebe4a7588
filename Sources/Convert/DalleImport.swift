public import DalleFormat
public import DalleModels

/// Everything that a DALL·E mini / Mega conversion takes: the model, and what belongs to it.
public struct DalleImport: Sendable {
    /// Whose names and files the model has.
    public enum Layout: Sendable {
        /// dalle-mini's own: `flax_model.msgpack`.
        case flax
        /// min-dalle's PyTorch files: `encoder.pt` and `decoder.pt`, the VQGAN as `detoker.pt`; those of DALL·E mini may
        /// have `_mini` in their names.
        case minDalle
    }

    public var layout: Layout
    /// The checkpoint file, its index of shards, or the directory that holds it.
    public var source: String
    /// What stands before the model's names in the checkpoint, if that holds several models.
    public var prefix: String?
    /// config.json, if not the one beside the source.
    public var configuration: String?
    /// A VQGAN checkpoint.
    public var vqgan: String?
    public var vqganConfiguration: String?
    public var pixelRange: VQGANConfiguration.PixelRange?
    /// A CLIP checkpoint.
    public var clip: String?
    /// What none of its tensors tells.
    public var clipFunction = CLIPFunction()
    /// OpenAI's file of byte pairs for it.
    public var clipVocabulary: String?
    /// The directory of the tokenizer's files, if not the source's.
    public var tokenizer: String?
    /// A word-frequency file.
    public var wordFrequencies: String?
    /// The directory of the Python package Unidecode.
    public var unidecode: String?

    public init(_ layout: Layout, source: String) {
        self.layout = layout
        self.source = source
    }

    /// Reads all parts, as views of mapped files.
    ///
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged, not understood, or
    ///   does not fit the others.
    public func read() throws(DalleError) -> [ImportedComponent] {
        try SourceWatch.watching { () throws(DalleError) in try parts() }
    }

    private func parts() throws(DalleError) -> [ImportedComponent] {
        if layout == .flax, let parts = try ExportedModel.read(source) {
            guard [configuration, vqgan, clip, tokenizer, wordFrequencies, unidecode].allSatisfy({ $0 == nil }) else {
                throw DalleError(
                    .usage, "is an exported model, which is converted as it is",
                    remedy: "Convert it alone and add the other parts with dalle-convert merge", file: source)
            }
            return parts
        }
        var model =
            switch layout {
            case .flax: try DalleBartImport.read(source, configuration: configuration, prefix: prefix)
            case .minDalle: try MinDalleImport.read(source, configuration: configuration, prefix: prefix)
            }
        let minDalle = layout == .minDalle ? try MinDalleFiles(source) : nil
        let vqgan = vqgan ?? minDalle?.vqgan
        let configuration = try BartConfiguration(model.component.configuration)
        let tokenizer = try tokenizerPart(
            configuration, tokenizer == nil ? minDalle?.tokenizer ?? .init() : .init())
        if tokenizer == nil {
            model.notes.append(
                "no tokenizer beside the checkpoint: the file can be verified, not prompted; --tokenizer names one")
        }
        if vqgan == nil {
            model.notes.append("no VQGAN: the file can be verified, not drawn with; --vqgan names one")
        }
        var parts = [model]
        if let tokenizer { parts.append(tokenizer) }
        if let generation = try generationPart() { parts.append(generation) }
        if let words = try wordsPart() { parts.append(words) }
        if let unidecode { parts.append(try UnidecodeImport.read(unidecode)) }
        if let vqgan {
            var part = try VQGANImport.read(vqgan, configuration: vqganConfiguration, pixelRange: pixelRange)
            part.notes += Self.fit(
                configuration, try VQGANConfiguration(part.component.configuration))
            parts.append(part)
        }
        if let clip {
            parts.append(contentsOf: try CLIPImport.read(clip, vocabulary: clipVocabulary, function: clipFunction))
        }
        return parts
    }

    /// Default settings, if the checkpoint's authors gave some.
    private func generationPart() throws(DalleError) -> ImportedComponent? {
        for name in [GenerationSettings.fileName, DalleBartConfig.fileName] {
            let path = CheckpointFiles.beside(source, name)
            guard PathKind(path) == .file else { continue }
            let settings = try GenerationSettings(try JSONFile.object(path), path: path)
            guard let defaults = settings.defaults else { continue }
            return ImportedComponent(
                component: Component(name: "generation", kind: .generation, configuration: defaults.metadata),
                tensors: [], files: [path])
        }
        return nil
    }

    /// Ids that the image vocabulary has beside the codes: upstream rounds up for the hardware.
    private static let spareIDs = 0...128

    /// What is to be said of a VQGAN that draws the codes of a model.
    private static func fit(_ model: BartConfiguration, _ vqgan: VQGANConfiguration) -> [String] {
        guard !spareIDs.contains(model.imageVocabulary - vqgan.codebookSize) else { return [] }
        return [
            "warning: the model draws ids below \(model.imageVocabulary) and this codebook has \(vqgan.codebookSize) "
                + "codes: is it the VQGAN that the model was trained with?"
        ]
    }

    private func tokenizerPart(
        _ model: BartConfiguration, _ names: VocabularyFiles.Names
    ) throws(DalleError) -> ImportedComponent? {
        var directory = tokenizer ?? CheckpointFiles.directory(of: source)
        // One of the files stands for all.
        if PathKind(directory) == .file { directory = CheckpointFiles.directory(of: directory) }
        guard let tables = try TokenizerImport.read(directory: directory, names) else {
            guard tokenizer == nil else {
                throw DalleError(
                    .missingInput, "holds no tokenizer: neither tokenizer.json nor vocab.json with merges.txt",
                    remedy: "Name the directory that holds them with --tokenizer", file: directory)
            }
            return nil
        }
        guard tables.tokens.count <= model.textVocabulary else {
            throw DalleError(
                .badData, "has \(tables.tokens.count) tokens, and the model embeds \(model.textVocabulary)",
                remedy: "Give the model's own tokenizer with --tokenizer", file: directory)
        }
        return ImportedComponent(
            component: tables.component,
            tensors: try tables.tensors().map { .init(name: $0.name, source: $0.source, isWeight: false) },
            files: ["tokenizer.json", names.vocabulary, names.merges].map { CheckpointFiles.beside(directory, $0) }
                .filter { PathKind($0) == .file })
    }

    private func wordsPart() throws(DalleError) -> ImportedComponent? {
        guard let wordFrequencies else { return nil }
        let words = try WordFrequencyImport.read(wordFrequencies)
        return ImportedComponent(
            component: WordList.component,
            tensors: [.init(name: WordList.tensorName, source: words, isWeight: false)], files: [wordFrequencies])
    }
}
