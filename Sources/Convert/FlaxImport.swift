public import DalleFormat

/// Everything that a DALL·E mini / Mega conversion takes: the model, and what belongs to it.
public struct FlaxImport: Sendable {
    /// The checkpoint file, its index of shards, or the directory that holds it.
    public var source: String
    /// config.json, if not the one beside the source.
    public var configuration: String?
    /// A VQGAN checkpoint.
    public var vqgan: String?
    public var vqganConfiguration: String?
    public var pixelRange: VQGANConfiguration.PixelRange?
    /// A CLIP checkpoint.
    public var clip: String?
    /// The directory of the tokenizer's files, if not the source's.
    public var tokenizer: String?
    /// A word-frequency file.
    public var wordFrequencies: String?

    public init(source: String) { self.source = source }

    /// Reads all parts, as views of mapped files.
    ///
    /// - Throws: `missingInput` for a file that is not there, `badData` for one that is damaged, not understood, or
    ///   does not fit the others.
    public func read() throws(DalleError) -> [ImportedPart] {
        var model = try DalleBartImport.read(source, configuration: configuration)
        let tokenizer = try tokenizerPart()
        if tokenizer == nil {
            model.notes.append(
                "no tokenizer beside the checkpoint: the file can be verified, not prompted; --tokenizer names one")
        }
        var parts = [model]
        if let tokenizer { parts.append(tokenizer) }
        if let generation = try generationPart() { parts.append(generation) }
        if let words = try wordsPart() { parts.append(words) }
        if let vqgan {
            parts.append(
                try VQGANImport.read(vqgan, configuration: vqganConfiguration, pixelRange: pixelRange))
        }
        if let clip { parts.append(contentsOf: try CLIPImport.read(clip)) }
        return parts
    }

    /// Default settings, if the checkpoint's authors gave some.
    private func generationPart() throws(DalleError) -> ImportedPart? {
        for name in [GenerationSettings.fileName, DalleBartConfig.fileName] {
            let path = CheckpointFiles.beside(source, name)
            guard PathKind(path) == .file else { continue }
            let settings = try GenerationSettings(try JSONFile.decode([String: JSONValue].self, path), path: path)
            guard let defaults = settings.defaults else { continue }
            return ImportedPart(
                component: Component(name: "generation", kind: .generation, configuration: defaults.metadata),
                tensors: [], files: [path])
        }
        return nil
    }

    private func tokenizerPart() throws(DalleError) -> ImportedPart? {
        let directory = tokenizer ?? CheckpointFiles.directory(of: source)
        guard let tables = try TokenizerImport.read(directory: directory) else {
            guard tokenizer == nil else {
                throw DalleError(
                    .missingInput, "holds no tokenizer: neither tokenizer.json nor vocab.json with merges.txt",
                    remedy: "Name the directory that holds them with --tokenizer", file: directory)
            }
            return nil
        }
        return ImportedPart(
            component: tables.component,
            tensors: try tables.tensors().map { .init(name: $0.name, source: $0.source, isWeight: false) },
            files: ["tokenizer.json", "vocab.json", "merges.txt"].map { CheckpointFiles.beside(directory, $0) }
                .filter { PathKind($0) == .file })
    }

    private func wordsPart() throws(DalleError) -> ImportedPart? {
        guard let wordFrequencies else { return nil }
        let words = try WordFrequencyImport.read(wordFrequencies)
        return ImportedPart(
            component: WordList.component,
            tensors: [.init(name: WordList.tensorName, source: words, isWeight: false)], files: [wordFrequencies])
    }
}
