public import DalleFormat

extension Component.Kind {
    /// Text encoder and image decoder of DALL·E mini and Mega.
    public static let dalleBart = Self("dalle-bart")
    /// Image decoder with a codebook (taming-transformers).
    public static let vqgan = Self("vqgan")
    /// Byte-level BPE tokenizer.
    public static let byteLevelBPE = Self("byte-level-bpe")
    /// Words in order of frequency, for splitting hashtags.
    public static let wordFrequencies = Self("word-frequencies")
    /// How characters are spelled in ASCII before a text is tokenized.
    public static let transliteration = Self("transliteration")
    /// Judge of how well a picture fits a text.
    public static let clip = Self("clip")
    /// CLIP's tokenizer: byte pairs inside words whose last symbol is marked.
    public static let clipBPE = Self("clip-bpe")
    /// Default settings of a generation.
    public static let generation = Self("generation")

    /// The kinds that this package can read.
    public static let known: [Self] = [
        .dalleBart, .vqgan, .byteLevelBPE, .wordFrequencies, .transliteration, .clip, .clipBPE, .generation,
    ]
}
