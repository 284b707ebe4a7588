import DalleFormat
import DalleModels

/// Splits `#summervibes` into the words it was made of, by how frequent they are.
///
/// A word costs the logarithm of its rank, and the cheapest way to cut a hashtag up is taken. A character that no word
/// covers makes everything after it endlessly dear, and it falls apart into letters: `#2022goals` is `2022 g o a l s`
/// in the models' training too.
struct HashtagSplitter: Sendable {
    /// Without one, a hashtag only loses its sign.
    let words: WordList?

    func expand(_ text: inout ASCIIText) throws(DalleError) {
        guard let words, text.bytes.contains(UInt8(ascii: "#")) else { return }
        let pieces = text.bytes.indices.compactMap { Self.hashtag(text.bytes, $0) }.flatMap(Self.pieces)
        let ranks = try WordRanks(pieces, in: words)
        text.replace { text, start in
            Self.hashtag(text, start).map { tag in
                ASCIIText.Match(
                    end: tag.endIndex,
                    Array(Self.pieces(tag).flatMap(ranks.split).joined(separator: [UInt8(ascii: " ")])))
            }
        }
    }

    /// What follows the sign at `start`, if that is a hashtag: letters, digits and low lines.
    private static func hashtag(_ text: [UInt8], _ start: Int) -> ArraySlice<UInt8>? {
        guard text[start] == UInt8(ascii: "#") else { return nil }
        let tag = text[(start + 1)...].prefix { $0.isWord }
        return tag.isEmpty ? nil : tag
    }

    private static func pieces(_ tag: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        tag.split(separator: UInt8(ascii: "_"))
    }
}
