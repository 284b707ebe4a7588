import DalleFormat
import DalleModels

/// A byte-level BPE tokenizer as its files spell it, whichever files those are.
struct TokenizerParts {
    struct Special {
        let text: String
        let stripsLeft: Bool
    }

    /// Where a part was read, for messages.
    struct Place {
        let file: String
        var key: String?

        func error(_ message: String, remedy: String = Place.remedy) -> DalleError {
            DalleError(.badData, message, remedy: remedy, file: file, item: key)
        }

        private static let remedy = "Give a byte-level BPE tokenizer of the kind DALL·E mini has (BART's layout)"
    }

    var vocabulary: [String: Int]
    var vocabularyPlace: Place
    /// The texts between the spaces of each merge; there should be two.
    var merges: [[String]]
    var mergesPlace: Place
    /// What the last token of a word ends in; empty when words are not marked.
    var wordEnd = ""
    var specials: [Special]
    var beginToken: String
    var endToken: String
    var padToken: String
}

extension TokenizerTables {
    init(_ parts: TokenizerParts) throws(DalleError) {
        let place = parts.vocabularyPlace
        let texts = try Self.texts(parts.vocabulary, place)
        // By UTF-8 and not by String, for which a letter equals its decomposed spelling.
        let ids = Dictionary(texts.enumerated().map { (Array($1.utf8), $0) }) { first, _ in first }
        func id(_ text: String) throws(DalleError) -> Int {
            guard let id = ids[Array(text.utf8)] else { throw place.error("has no token '\(text)'") }
            return id
        }

        var specials: [Special] = []
        for special in parts.specials {
            specials.append(
                Special(id: try id(special.text), text: special.text, stripsLeft: special.stripsLeft))
        }
        specials.sort { $0.id < $1.id }
        var tokens: [[UInt8]] = []
        var wordEnds: Set<Int> = []
        let specialIDs = Set(specials.map(\.id))
        for (id, text) in texts.enumerated() {
            let endsWord = !parts.wordEnd.isEmpty && text.hasSuffix(parts.wordEnd) && !specialIDs.contains(id)
            let spelling = endsWord ? String(text.dropLast(parts.wordEnd.count)) : text
            guard let bytes = specialIDs.contains(id) ? Array(text.utf8) : ByteAlphabet.bytes(spelling) else {
                throw place.error("token \(id), '\(text)', is neither special nor spelled in GPT-2's byte alphabet")
            }
            tokens.append(bytes)
            if endsWord { wordEnds.insert(id) }
        }

        var merges: [Merge] = []
        for (number, merge) in parts.merges.enumerated() {
            guard merge.count == 2, let left = ids[Array(merge[0].utf8)], let right = ids[Array(merge[1].utf8)],
                let result = ids[Array((merge[0] + merge[1]).utf8)]
            else {
                throw parts.mergesPlace.error(
                    "merge \(number), '\(merge.joined(separator: " "))', is not of two tokens that make a third one",
                    remedy: "Take vocabulary and merges from the same tokenizer")
            }
            merges.append(Merge(left: left, right: right, result: result))
        }

        self.init(
            tokens: tokens, merges: merges, specials: specials, beginToken: try id(parts.beginToken),
            endToken: try id(parts.endToken), padToken: try id(parts.padToken))
        self.wordEnds = wordEnds
        do throws(DalleError) {
            try validate()
        } catch {
            throw place.error(error.message)
        }
    }

    /// The tokens' texts by id.
    private static func texts(
        _ vocabulary: [String: Int], _ place: TokenizerParts.Place
    ) throws(DalleError) -> [String] {
        var texts = [String?](repeating: nil, count: vocabulary.count)
        for (text, id) in vocabulary {
            guard texts.indices.contains(id), texts[id] == nil else {
                throw place.error(
                    "'\(text)' has the id \(id); \(texts.count) tokens need the ids 0 to \(texts.count - 1), each once",
                    remedy: "The file is damaged or was edited: get it again")
            }
            texts[id] = text
        }
        return texts.compactMap { $0 }
    }
}
