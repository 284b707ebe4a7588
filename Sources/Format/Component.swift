/// One part of a model: a network, a tokenizer, a word list.
///
/// A part's tensors are those whose names start with the part's name and a full stop.
public struct Component: Sendable, Equatable {
    /// What kinds there are; a file that needs another one is refused by whoever needs that part, not at opening.
    public enum Kind: String, CaseIterable, Sendable {
        /// Text encoder and image decoder of DALL·E mini and Mega.
        case dalleBart = "dalle-bart"
        /// Image decoder with a codebook (taming-transformers).
        case vqgan
        /// Byte-level BPE tokenizer.
        case byteLevelBPE = "byte-level-bpe"
        /// Words in order of frequency, for splitting hashtags.
        case wordFrequencies = "word-frequencies"
        /// How characters are spelled in ASCII before a text is tokenized.
        case transliteration
        /// Judge of how well a picture fits a text.
        case clip
        /// CLIP's tokenizer: byte pairs inside words whose last symbol is marked.
        case clipBPE = "clip-bpe"
        /// Default settings of a generation.
        case generation
    }

    public let name: String
    public let kind: String
    public let configuration: MetadataMap

    public init(name: String, kind: Kind, configuration: MetadataMap) {
        self.init(name: name, kind: kind.rawValue, configuration: configuration)
    }

    init(name: String, kind: String, configuration: MetadataMap) {
        self.name = name
        self.kind = kind
        self.configuration = configuration
    }
}
