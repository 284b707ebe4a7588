import DalleFormat

/// dalle-mini's rules for captions, which are ASCII by then.
///
/// They are what the models were trained with, oddities included: every pass goes over the text once, so `1/2/3` loses
/// its second slash and `a-b-c` keeps its second hyphen for the comma rule.
struct NormalizerRules {
    let hashtags: HashtagSplitter

    /// The text after all rules, with one space in front.
    func apply(_ text: inout ASCIIText) throws(DalleError) {
        text.lowercase()
        Self.replacePersons(&text)
        Self.removeReferences(&text)
        Self.removeTags(&text)
        Self.removeLinks(&text)
        for _ in 0..<2 { Self.joinThousands(&text) }
        Self.hideMarks(&text)
        Self.separateSymbols(&text)
        try hashtags.expand(&text)
        Self.simplifyPunctuation(&text)
        Self.unhideMarks(&text)
        Self.shortenRepetitions(&text)
        Self.tidy(&text)
    }

    /// `<person>` stands for a name that was taken out; several in a row are people.
    ///
    /// Upstream draws "a person", "someone" or "somebody" at random; this takes the likeliest, so that a prompt has one
    /// reading.
    private static func replacePersons(_ text: inout ASCIIText) {
        let person = Array("<person>".utf8), and = Array("and".utf8)
        func skipSeparators(_ text: [UInt8], _ position: inout Int) {
            while position < text.count, text[position] == UInt8(ascii: ",") || text[position].isSpace { position += 1 }
        }
        text.replace { text, start in
            guard text.hasPrefix(person, at: start) else { return nil }
            var end = start + person.count
            var count = 1
            while true {
                var next = end
                skipSeparators(text, &next)
                while text.hasPrefix(and, at: next) { next += and.count }
                skipSeparators(text, &next)
                guard text.hasPrefix(person, at: next) else { break }
                end = next + person.count
                count += 1
            }
            return ASCIIText.Match(end: end, count > 1 ? " people " : " a person ")
        }
    }

    /// Numbers in brackets at either end, as in Wikipedia.
    private static func removeReferences(_ text: inout ASCIIText) {
        let bytes = text.bytes
        let first = bytes.firstIndex { !$0.isSpace } ?? bytes.count
        if first < bytes.count, bytes[first] == UInt8(ascii: "[") {
            let close = bytes[(first + 1)...].firstIndex { !$0.isDigit } ?? bytes.count
            if close > first + 1, close < bytes.count, bytes[close] == UInt8(ascii: "]") { text.removeFirst(close + 1) }
        }
        let rest = text.bytes
        guard let last = rest.lastIndex(where: { !$0.isSpace }), rest[last] == UInt8(ascii: "]"),
            let open = rest[..<last].lastIndex(where: { !$0.isDigit }), open < last - 1, rest[open] == UInt8(ascii: "[")
        else { return }
        text.removeLast(rest.count - open)
    }

    /// `<…>` with something in it that is no `<`.
    private static func removeTags(_ text: inout ASCIIText) {
        let (open, close) = (UInt8(ascii: "<"), UInt8(ascii: ">"))
        text.replace { text, start in
            guard text[start] == open, start + 2 < text.count, text[start + 1] != open,
                let end = text[(start + 2)...].firstIndex(where: { $0 == open || $0 == close }), text[end] == close
            else { return nil }
            return ASCIIText.Match(end: end + 1, " ")
        }
    }

    private static func removeLinks(_ text: inout ASCIIText) {
        let http = Array("http".utf8)
        text.replace { text, start in
            guard text.hasPrefix(http, at: start) else { return nil }
            let end = text[start...].firstIndex { $0.isSpace } ?? text.count
            return end > start + http.count ? ASCIIText.Match(end: end, "") : nil
        }
    }

    /// `1,000`; once for each comma that ends a match.
    private static func joinThousands(_ text: inout ASCIIText) {
        text.replace { text, start in
            guard start + 5 <= text.count, text[start].isDigit, text[start + 1] == UInt8(ascii: ","),
                text[(start + 2)..<(start + 5)].allSatisfy(\.isDigit)
            else { return nil }
            return ASCIIText.Match(end: start + 5, [text[start]] + text[(start + 2)..<(start + 5)])
        }
    }

    /// Marks inside words and numbers, and what stands for them while other punctuation is replaced.
    ///
    /// The letters are upstream's: a hashtag that contains such a mark is split into them.
    private static let hidden = (dot: "xtokxdotxtokx", quote: "xtokxquotextokx", slash: "xtokxslashxtokx")

    private static func hideMarks(_ text: inout ASCIIText) {
        text.replace(UInt8(ascii: "."), between: \.isWord, hidden.dot)
        let endings = ["s", "t", "d", "m", "ll", "re", "ve"].map { Array($0.utf8) }
        text.replace { text, start in
            guard text[start] == UInt8(ascii: "'"),
                endings.contains(where: { ending in
                    let end = start + 1 + ending.count
                    return text.hasPrefix(ending, at: start + 1) && (end == text.count || !text[end].isWord)
                })
            else { return nil }
            return ASCIIText.Match(end: start + 1, hidden.quote)
        }
        text.replace(UInt8(ascii: "/"), between: \.isDigit, hidden.slash)
    }

    private static func unhideMarks(_ text: inout ASCIIText) {
        text.replace(hidden.dot, ".")
        text.replace(hidden.quote, "'")
        text.replace(hidden.slash, "/")
    }

    private static func separateSymbols(_ text: inout ASCIIText) {
        text.replace(UInt8(ascii: "-"), between: \.isWord, " ")
        text.replace(Set("%&/$*".utf8)) { " \(Character(Unicode.Scalar($0))) " }
    }

    private static func simplifyPunctuation(_ text: inout ASCIIText) {
        text.replace(Set("_#\\".utf8)) { _ in " " }
        text.replace(Set("'\"`".utf8)) { _ in " \" " }
        text.replace(Set("()[].,|:;?!=+~-/{}".utf8)) { _ in "," }
    }

    /// Four or more of anything but digits become one; three may be a Roman number.
    private static func shortenRepetitions(_ text: inout ASCIIText) {
        text.replace { text, start in
            let end = text[start...].firstIndex { $0 != text[start] } ?? text.count
            if end - start < 4 || text[start].isDigit {
                return ASCIIText.Match(end: end, Array(text[start..<end]))
            }
            return ASCIIText.Match(end: end, [text[start]])
        }
    }

    private static func tidy(_ text: inout ASCIIText) {
        text.mergeRuns(of: UInt8(ascii: "\""), " \" ")
        text.mergeRuns(of: UInt8(ascii: ","), ", ")
        text.mergeSpaces()
        text.trimSpaces()
        if text.bytes.last == UInt8(ascii: ",") { text.removeLast(1) }
        if text.bytes.first == UInt8(ascii: ",") { text.removeFirst(1) }
        text.trimSpaces()
        text = ASCIIText([UInt8(ascii: " ")] + text.bytes)
    }
}
