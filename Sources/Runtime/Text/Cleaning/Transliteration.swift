import Foundation

/// Spells text of any script in ASCII, character by character, the way unidecode does.
///
/// The models saw captions that went through that library. Its tables are not used here: the spellings come from
/// Unicode's properties, from ICU's transliterators for the letters of each script, and from a few rules
/// (`TransliterationRules`) for where it is known to go its own way.
enum Transliteration {
    /// A piece of a character's spelling.
    enum Piece: Equatable {
        case ascii(String)
        /// A letter that ICU knows how to spell.
        case letter(Unicode.Scalar)
        /// The same, with a space after it: a Chinese character, which is a word.
        case word(Unicode.Scalar)

        var letter: Unicode.Scalar? {
            switch self {
            case .ascii: nil
            case .letter(let letter), .word(let letter): letter
            }
        }
    }

    static func ascii(_ text: String) -> String {
        let foreign = Set(text.unicodeScalars.lazy.filter { !$0.isASCII })
        guard !foreign.isEmpty else { return text }
        let pieces = Dictionary(uniqueKeysWithValues: foreign.map { ($0, TransliterationRules.pieces($0)) })
        let spellings = spellings(of: pieces.values.joined())
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard let pieces = pieces[scalar] else {
                result.append(scalar)
                continue
            }
            for piece in pieces {
                switch piece {
                case .ascii(let text): result.append(contentsOf: text.unicodeScalars)
                case .letter(let letter): result.append(contentsOf: spellings[letter] ?? [])
                case .word(let letter): result.append(contentsOf: (spellings[letter] ?? []) + [" "])
                }
            }
        }
        return String(result)
    }

    /// ICU's spelling of each letter, without what is not ASCII in it.
    private static func spellings(of pieces: some Sequence<Piece>) -> [Unicode.Scalar: [Unicode.Scalar]] {
        let letters = Array(Set(pieces.compactMap(\.letter)))
        guard !letters.isEmpty else { return [:] }
        // All in one go, each on a line of its own so that none is spelled as part of a word.
        let lines = letters.map { String($0) }.joined(separator: "\n")
        let latin = lines.applyingTransform(StringTransform("Any-Latin; Latin-ASCII"), reverse: false) ?? ""
        let spelled = latin.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard spelled.count == letters.count else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: zip(letters, spelled).map { letter, spelling in
                (letter, spelling.filter { $0.isASCII && $0 != "~" })
            })
    }
}
