/// Tells text that was decoded with the wrong character set from text that only looks unusual.
///
/// UTF-8 read as Windows-1252 turns a character into an accented letter followed by signs that no language writes
/// after one. What counts as unlikely follows ftfy's heuristic, for the characters of Latin-1 and Windows-1252.
struct MojibakeSigns {
    /// What a character is in ordinary text.
    private struct Kind: OptionSet {
        let rawValue: UInt16

        static let upper = Kind(rawValue: 1 << 0)
        static let lower = Kind(rawValue: 1 << 1)
        /// Almost never seen but in such accidents.
        static let bad = Kind(rawValue: 1 << 2)
        static let law = Kind(rawValue: 1 << 3)
        static let currency = Kind(rawValue: 1 << 4)
        static let opening = Kind(rawValue: 1 << 5)
        static let closing = Kind(rawValue: 1 << 6)
        static let numeric = Kind(rawValue: 1 << 7)
        /// Left over from terminals.
        static let control = Kind(rawValue: 1 << 8)
        /// In all kinds of text.
        static let common = Kind(rawValue: 1 << 9)
        static let asciiLower = Kind(rawValue: 1 << 10)
        static let asciiLetter = Kind(rawValue: 1 << 11)
        static let word = Kind(rawValue: 1 << 12)
        static let space = Kind(rawValue: 1 << 13)
        /// Ends a clause.
        static let stop = Kind(rawValue: 1 << 14)

        static let accented: Kind = [.upper, .lower]
        static let marks: Kind = [.law, .currency, .opening, .closing, .numeric]

        init(rawValue: UInt16) { self.rawValue = rawValue }

        init(_ scalar: Unicode.Scalar) {
            self = Self.listed[scalar] ?? []
            if scalar.isASCII {
                let byte = UInt8(scalar.value)
                if byte.isWord { insert(.word) }
                if byte.isLetter { formUnion(byte & 0x20 == 0 ? .asciiLetter : [.asciiLetter, .asciiLower]) }
                if byte.isSpace { insert(.space) }
            } else {
                if scalar.properties.isAlphabetic || scalar.properties.numericType != nil { insert(.word) }
                if scalar.properties.isWhitespace { insert(.space) }
            }
        }

        private static let listed: [Unicode.Scalar: Kind] = {
            var listed: [Unicode.Scalar: Kind] = [:]
            func add(_ kind: Kind, _ characters: String) {
                for scalar in characters.unicodeScalars { listed[scalar] = kind }
            }
            for value in 0x80...0x9F as ClosedRange<UInt8> { listed[Unicode.Scalar(value)] = .control }
            add(.common, "\u{A0}\u{AD}·´–—―…’")
            add(.bad, "¦¤¨¬¯¸ƒˆ˜†‡‰ªº\u{FFFD}")
            add(.law, "¶§")
            add(.currency, "¢£¥€")
            add(.opening, "¡«¿©‘‚“„•‹")
            add(.closing, "®»”›™")
            add(.numeric, "²³¹±¼½¾×µ÷")
            // Most of O and U with accents are left out: they are the eyes of faces made of letters.
            add(.upper, "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑØÜÝŒŠŸŽ")
            add(.lower, "ßàáâãäåæçèéêëìíîïðñœšüž")
            add(.stop, ".,?!")
            return listed
        }()
    }

    /// Kinds in a row that speak for themselves.
    private static let unlikely: [[Kind]] = [
        [[.accented, .marks, .bad], .bad],
        [.bad, [.accented, .marks]],
        [[.lower, .closing, .currency, .numeric], .upper],
        [[.closing, .currency, .numeric], .lower],
        [[.lower, .closing], .currency],
        [.space, .upper, .currency],
        [.upper, [.numeric, .law]],
        [[.accented, .currency, .closing], .opening, .numeric],
        [[.accented, .currency, .numeric, .law], .closing, .opening],
        [[.currency, .numeric], .opening],
        [.asciiLower, .upper, [.opening, .currency]],
        [.accented, [.opening, .closing], .word],
    ]

    private let text: ArraySlice<Unicode.Scalar>
    private let kinds: [Kind]

    private init(_ text: ArraySlice<Unicode.Scalar>) {
        self.text = text
        kinds = text.map { Kind($0) }
    }

    static func arePresent(in text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard !text.allSatisfy(\.isASCII) else { return false }
        let signs = Self(text)
        return text.indices.contains(where: signs.start)
    }

    /// Whether an unlikely sequence starts at a position.
    private func start(_ position: Int) -> Bool {
        if kind(position, .control) { return true }
        // Every other sequence has one of its first three characters beyond ASCII.
        guard text[position...].prefix(3).contains(where: { !$0.isASCII }) else { return false }
        return Self.unlikely.contains { row in row.indices.allSatisfy { kind(position + $0, row[$0]) } }
            || isLeadAndSign(position) || areArabicLetters(position) || isGrave(position)
    }

    private func kind(_ position: Int, _ kind: Kind) -> Bool {
        text.indices.contains(position) && !kinds[position - text.startIndex].isDisjoint(with: kind)
    }

    /// A letter that common characters begin with in this disguise, and what follows it there.
    private func isLeadAndSign(_ position: Int) -> Bool {
        guard position + 1 < text.endIndex else { return false }
        let sign = text[position + 1]
        switch text[position] {
        case "Œ", "œ": return !kind(position + 1, .asciiLetter)
        case _ where sign == "°": return kind(position, .upper)
        case "Â", "Ã", "Î", "Ð":
            return kind(position + 1, [.opening, .closing])
                || "€œŠš¢£Ÿž\u{A0}\u{AD}·–—´".unicodeScalars.contains(sign)
        case "×": return sign == "²" || sign == "³"
        case "à": return "²µ¹¼½¾".unicodeScalars.contains(sign)
        default: return false
        }
    }

    /// Two Arabic letters, each of which became Ø or Ù and a sign.
    private func areArabicLetters(_ position: Int) -> Bool {
        [position, position + 2].allSatisfy { position in
            guard position + 1 < text.endIndex, text[position] == "Ø" || text[position] == "Ù" else { return false }
            return kind(position + 1, [.common, .currency, .bad, .numeric, .opening])
                || "ŸŠ®°µ»".unicodeScalars.contains(text[position + 1])
        }
    }

    /// What is left of "à", or of a space that does not break, when its second half was taken for a plain space.
    private func isGrave(_ position: Int) -> Bool {
        guard text[position] == "Ã" || text[position] == "Â", position + 1 < text.endIndex else { return false }
        if text[position + 1] == " " {
            let isAfterLower =
                kind(position - 1, .asciiLower) || kind(position - 1, .space) && kind(position - 2, .asciiLower)
            if position == text.startIndex || isAfterLower { return true }
        }
        return text[position] == "Â" && kind(position - 1, [.asciiLower, .stop, .closing])
            && (text[position + 1] == " " || kind(position + 1, [.opening, .closing]))
    }
}
