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
    /// The directory of the tokenizer's files, if not the source's.
    public var tokenizer: String?
    /// A word-frequency file.
    public var wordFrequencies: String?

    public init(source: String) { self.source = source }
}
