public import DalleFormat
public import DalleModels

/// Turns a prompt into the form of the captions that DALL·E mini and Mega were trained with.
///
///     let normalizer = TextNormalizer(words: try WordList(file))
///     try normalizer.normalize("A café at the sea & #summervibes!")   // " a cafe at the sea & summer vibes"
///
/// The result always starts with a space, so that the first word is the same token as inside a text.
public struct TextNormalizer: Sendable {
    private let rules: NormalizerRules
    private let table: CharacterTable?

    /// - Parameters:
    ///   - words: what hashtags are split with; without it they only lose their sign.
    ///   - table: what characters beyond ASCII are spelled with; without it by rules, which come close to it.
    public init(words: WordList?, table: CharacterTable? = nil) {
        self.table = table
        rules = NormalizerRules(hashtags: HashtagSplitter(words: words))
    }

    /// - Throws: `badData` when the word list is needed and damaged.
    public func normalize(_ text: String) throws(DalleError) -> String {
        try applyRules(to: spelled(text))
    }

    /// The text in ASCII, as the rules take it: repaired, its emoji by their names, other scripts transliterated.
    public func spelled(_ text: String) -> String { TextCleaning.ascii(text, table) }

    /// The characters of a text that may be spelled otherwise than in the captions that models were trained with, each
    /// once; none with a table.
    public func unsureCharacters(_ text: String) -> [Unicode.Scalar] {
        table == nil ? TextCleaning.unsureCharacters(text) : []
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
