public import DalleFormat

/// Turns a prompt into the form of the captions that DALL·E mini and Mega were trained with.
///
///     let normalizer = TextNormalizer(words: try WordList(file))
///     try normalizer.normalize("A café at the sea & #summervibes!")   // " a cafe at the sea & summer vibes"
///
/// The result always starts with a space, so that the first word is the same token as inside a text.
public struct TextNormalizer: Sendable {
    private let rules: NormalizerRules

    /// - Parameter words: what hashtags are split with; without it they only lose their sign.
    public init(words: WordList?) {
        rules = NormalizerRules(hashtags: HashtagSplitter(words: words))
    }

    /// - Throws: `badData` when the word list is needed and damaged.
    public func normalize(_ text: String) throws(DalleError) -> String {
        try applyRules(to: TextCleaning.ascii(text))
    }

    /// The rules alone, for a text that is ASCII already.
    ///
    /// Other characters are kept as they are.
    public func applyRules(to text: String) throws(DalleError) -> String {
        var ascii = ASCIIText(text)
        try rules.apply(&ascii)
        return ascii.string
    }
}
