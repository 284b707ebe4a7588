import DalleFormat
import DalleModels

/// Finds special tokens that are written out in a text.
struct SpecialTokenSplit: Sendable {
    enum Part {
        case text(ArraySlice<Unicode.Scalar>)
        case token(Int)
    }

    private struct Special {
        let id: Int
        let text: [Unicode.Scalar]
        let stripsLeft: Bool
    }

    /// Longest first.
    private let specials: [Special]

    init(_ specials: [TokenizerTables.Special]) {
        self.specials = specials.map {
            Special(id: $0.id, text: Array($0.text.unicodeScalars), stripsLeft: $0.stripsLeft)
        }
        .sorted { $0.text.count > $1.text.count }
    }

    /// The text in parts: the leftmost token first, the longest of those that start at one place.
    func parts(_ text: [Unicode.Scalar]) -> [Part] {
        let starts = Set(specials.compactMap(\.text.first))
        var parts: [Part] = []
        var (done, position) = (0, 0)
        while position < text.count {
            guard starts.contains(text[position]),
                let special = specials.first(where: { text[position...].starts(with: $0.text) })
            else {
                position += 1
                continue
            }
            var end = position
            if special.stripsLeft {
                while end > done, text[end - 1].properties.isWhitespace { end -= 1 }
            }
            if end > done { parts.append(.text(text[done..<end])) }
            parts.append(.token(special.id))
            position += special.text.count
            done = position
        }
        if done < text.count { parts.append(.text(text[done...])) }
        return parts
    }
}
