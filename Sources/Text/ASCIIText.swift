/// Bytes of ASCII text, and the replacements that the normaliser's rules are made of.
struct ASCIIText: Equatable, Sendable {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ text: String) { bytes = Array(text.utf8) }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// What a rule found at a position: where it ends, and what takes its place.
    struct Match {
        let end: Int
        let replacement: [UInt8]

        init(end: Int, _ replacement: [UInt8]) {
            self.end = end
            self.replacement = replacement
        }

        init(end: Int, _ replacement: String) { self.init(end: end, Array(replacement.utf8)) }
    }

    /// One pass from left to right; what was replaced is not looked at again.
    mutating func replace(_ match: (_ text: [UInt8], _ position: Int) -> Match?) {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if let match = match(bytes, position) {
                result += match.replacement
                position = match.end
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        bytes = result
    }

    /// Replaces single characters.
    mutating func replace(_ characters: Set<UInt8>, _ replacement: (UInt8) -> String) {
        replace { text, position in
            characters.contains(text[position]) ? Match(end: position + 1, replacement(text[position])) : nil
        }
    }

    /// Replaces every occurrence of a word.
    mutating func replace(_ word: String, _ replacement: String) {
        let word = Array(word.utf8)
        replace { text, position in
            text.hasPrefix(word, at: position) ? Match(end: position + word.count, replacement) : nil
        }
    }

    /// Replaces one character that stands between two others.
    mutating func replace(
        _ character: UInt8, between isNeighbour: (UInt8) -> Bool, _ replacement: String
    ) {
        let replacement = Array(replacement.utf8)
        replace { text, position in
            guard position + 2 < text.count, text[position + 1] == character, isNeighbour(text[position]),
                isNeighbour(text[position + 2])
            else { return nil }
            return Match(end: position + 3, [text[position]] + replacement + [text[position + 2]])
        }
    }

    /// Replaces a run of a character and white space that has at least one of the character.
    mutating func mergeRuns(of character: UInt8, _ replacement: String) {
        replace { text, position in
            let end = text[position...].firstIndex { $0 != character && !$0.isSpace } ?? text.count
            if text[position..<end].contains(character) { return Match(end: end, replacement) }
            // Not looked at again from its second character on.
            return end > position ? Match(end: end, Array(text[position..<end])) : nil
        }
    }

    /// Makes every run of white space one space.
    mutating func mergeSpaces() {
        replace { text, position in
            let end = text[position...].firstIndex { !$0.isSpace } ?? text.count
            return end > position ? Match(end: end, " ") : nil
        }
    }

    mutating func lowercase() {
        for index in bytes.indices where (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[index]) {
            bytes[index] |= 0x20
        }
    }

    mutating func trimSpaces() {
        let end = bytes.lastIndex { !$0.isSpace }.map { $0 + 1 } ?? 0
        bytes.removeSubrange(end...)
        bytes.removeFirst(bytes.firstIndex { !$0.isSpace } ?? 0)
    }

    mutating func removeLast(_ count: Int) { bytes.removeLast(count) }
    mutating func removeFirst(_ count: Int) { bytes.removeFirst(count) }
}

extension [UInt8] {
    func hasPrefix(_ prefix: [UInt8], at position: Int) -> Bool {
        guard position + prefix.count <= count, self[position] == prefix[0] else { return false }
        return self[position..<(position + prefix.count)].elementsEqual(prefix)
    }
}

/// Character classes as Python's `re` has them, for ASCII.
extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// `\w`
    var isWord: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }

    /// `\s`; the four separators before the space count too.
    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) || (0x1C...0x1F).contains(self) }
}
