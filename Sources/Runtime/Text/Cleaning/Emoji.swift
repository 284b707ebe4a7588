import Foundation

/// Writes emoji out as `:cat_face:`, as the emoji library's `demojize` does.
enum Emoji {
    /// The text with the names of its emoji between colons, and without selectors of their form.
    static func described(_ text: String) -> String {
        guard !text.isASCII else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            if let (end, name) = emoji(scalars, position) {
                result.append(contentsOf: ":\(name):".unicodeScalars)
                position = end
            } else {
                if !isFormSelector(scalars[position]) { result.append(scalars[position]) }
                position += 1
            }
        }
        return String(result)
    }

    /// The name of a single emoji, its words joined by low lines.
    static func name(_ scalar: Unicode.Scalar) -> String {
        EmojiNames.exceptional[scalar]
            ?? (scalar.properties.name ?? "").lowercased().replacing(" ", with: "_")
    }

    private static func emoji(_ text: [Unicode.Scalar], _ start: Int) -> (end: Int, name: String)? {
        keycap(text, start) ?? regionFlag(text, start) ?? nationFlag(text, start) ?? joined(text, start)
    }

    // MARK: Keycaps and flags

    private static func keycap(_ text: [Unicode.Scalar], _ start: Int) -> (end: Int, name: String)? {
        guard text[start].isASCII, text[start].properties.isEmoji else { return nil }
        let next = skipSelector(text, start + 1)
        guard next < text.count, text[next] == "\u{20E3}" else { return nil }
        return (next + 1, "keycap_\(text[start])")
    }

    /// Two letters in boxes.
    private static func regionFlag(_ text: [Unicode.Scalar], _ start: Int) -> (end: Int, name: String)? {
        guard start + 1 < text.count, let first = letter(text[start]), let second = letter(text[start + 1]) else {
            return nil
        }
        return regionName(String([first, second])).map { (start + 2, $0.replacing(" ", with: "_")) }
    }

    private static func letter(_ scalar: Unicode.Scalar) -> Character? {
        guard (0x1F1E6...0x1F1FF).contains(scalar.value) else { return nil }
        return Unicode.Scalar(scalar.value - 0x1F1E6 + 0x41).map { Character($0) }
    }

    private static func regionName(_ code: String) -> String? {
        // Where the names of flags are not those that systems show for the regions.
        let own = [
            "CN": "China", "HK": "Hong Kong SAR China", "MO": "Macao SAR China",
            "GS": "South Georgia & South Sandwich Islands", "IO": "British Indian Ocean Territory",
        ]
        let name = own[code] ?? Locale(identifier: "en").localizedString(forRegionCode: code)
        return name == code || name == "Unknown Region" ? nil : name
    }

    /// A black flag with letters in tags, such as "gbeng".
    private static func nationFlag(_ text: [Unicode.Scalar], _ start: Int) -> (end: Int, name: String)? {
        guard text[start] == "🏴" else { return nil }
        let tags = text[(start + 1)...].prefix { (0xE0061...0xE007A).contains($0.value) }
        guard tags.endIndex < text.count, text[tags.endIndex] == "\u{E007F}" else { return nil }
        let letters = String(decoding: tags.map { UInt8($0.value & 0x7F) }, as: UTF8.self)
        let nations = ["gbeng": "England", "gbsct": "Scotland", "gbwls": "Wales"]
        return nations[letters].map { (tags.endIndex + 1, $0) }
    }

    // MARK: Faces, people, things

    private struct Element {
        let base: Unicode.Scalar
        let tone: Unicode.Scalar?
        let end: Int
    }

    /// The longest sequence of joined emoji that has a name.
    private static func joined(_ text: [Unicode.Scalar], _ start: Int) -> (end: Int, name: String)? {
        guard let first = element(text, start) else { return nil }
        var elements = [first]
        // The longest there are: four people, or two with a heart and a kiss.
        while elements.count < 5, let end = elements.last?.end, end < text.count, text[end] == "\u{200D}",
            let next = element(text, end + 1)
        {
            elements.append(next)
        }
        while elements.count > 1, let last = elements.last {
            if let name = EmojiSequences.name(elements.map(\.base)) {
                return (last.end, toned(name, elements.compactMap(\.tone)))
            }
            elements.removeLast()
        }
        return (first.end, toned(name(first.base), first.tone.map { [$0] } ?? []))
    }

    private static func element(_ text: [Unicode.Scalar], _ start: Int) -> Element? {
        guard start < text.count, !text[start].isASCII, text[start].properties.isEmoji, letter(text[start]) == nil
        else {
            return nil
        }
        let next = skipSelector(text, start + 1)
        guard next < text.count, text[start].properties.isEmojiModifierBase, text[next].properties.isEmojiModifier
        else {
            return Element(base: text[start], tone: nil, end: next)
        }
        return Element(base: text[start], tone: text[next], end: skipSelector(text, next + 1))
    }

    /// The name with the skin tones of the people in it; two equal ones count once.
    private static func toned(_ name: String, _ tones: [Unicode.Scalar]) -> String {
        guard let first = tones.first else { return name }
        let tone = (tones.allSatisfy { $0 == first } ? [first] : tones).map { "_" + self.name($0) }.joined()
        // Hair comes last.
        for hair in ["_bald", "_beard", "_blond_hair", "_curly_hair", "_red_hair", "_white_hair"] {
            if name.hasSuffix(hair) { return name.dropLast(hair.count) + tone + hair }
        }
        return name + tone
    }

    private static func isFormSelector(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\u{FE0E}" || scalar == "\u{FE0F}"
    }

    private static func skipSelector(_ text: [Unicode.Scalar], _ position: Int) -> Int {
        position < text.count && text[position] == "\u{FE0F}" ? position + 1 : position
    }
}
