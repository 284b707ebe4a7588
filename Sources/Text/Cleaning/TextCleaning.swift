import DalleFormat
import DalleModels

/// What dalle-mini leaves to four libraries before its own rules apply: any text becomes ASCII.
enum TextCleaning {
    /// - Parameter table: spells characters instead of the rules here.
    static func ascii(_ text: String, _ table: CharacterTable? = nil) -> String {
        Transliteration.ascii(described(text), table)
    }

    /// The characters of a text whose spelling is not sure to be the libraries', each once.
    static func unsureCharacters(_ text: String) -> [Unicode.Scalar] {
        guard !text.isASCII else { return [] }
        var seen: Set<Unicode.Scalar> = []
        return described(text).unicodeScalars.filter { UnsureSpellings.contain($0) && seen.insert($0).inserted }
    }

    /// Repaired, without references of HTML, its emoji written out.
    private static func described(_ text: String) -> String {
        var text = TextRepair.repaired(text)
        // Web pages are often escaped twice.
        for _ in 0..<2 { text = HTMLEntities.unescaped(text) }
        return Emoji.described(text)
    }
}
