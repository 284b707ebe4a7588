import Foundation

/// How single characters are spelled in ASCII.
enum TransliterationRules {
    static func pieces(_ scalar: Unicode.Scalar) -> [Transliteration.Piece] { pieces(scalar, depth: 0) }

    private static func pieces(_ scalar: Unicode.Scalar, depth: Int) -> [Transliteration.Piece] {
        let properties = scalar.properties
        if scalar.isASCII { return [.ascii(String(scalar))] }
        if let spelling = spellings[scalar] ?? spellings[lowercase(scalar)] { return [.ascii(spelling)] }
        let name = properties.name ?? ""
        let script = String(name.prefix { $0 != " " })
        if let spelling = ScriptNames.spelling(name, script: script) { return [.ascii(spelling)] }
        switch script {
        case "CJK" where properties.isIdeographic:
            // Characters beyond the first plane are not spelled at all.
            return scalar.value <= 0xFFFF ? [.word(scalar)] : []
        case "HIRAGANA" where properties.isAlphabetic, "KATAKANA" where properties.isAlphabetic, "HANGUL":
            return [.letter(scalar)]
        default:
            break
        }
        if let parts = decomposition(scalar), depth < 4 {
            let isFraction = parts.contains("\u{2044}")
            return (isFraction ? [.ascii(" ")] : []) + parts.flatMap { pieces($0, depth: depth + 1) }
        }
        return pieces(scalar, name: name)
    }

    /// The rest: what a character is decides.
    private static func pieces(_ scalar: Unicode.Scalar, name: String) -> [Transliteration.Piece] {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter where name.hasPrefix("LATIN SMALL LETTER TURNED ") && name.dropLast().last == " ":
            return [.ascii(name.suffix(1).lowercased())]
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .currencySymbol:
            return [.letter(scalar)]
        case .decimalNumber, .letterNumber, .otherNumber:
            return scalar.properties.numericValue.flatMap { Int(exactly: $0) }.map { [.ascii(String($0))] } ?? []
        case .spaceSeparator:
            return [.ascii(" ")]
        case .lineSeparator, .paragraphSeparator:
            return [.ascii("\n")]
        case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .connectorPunctuation, .mathSymbol, .otherSymbol, .modifierSymbol:
            return [symbol(name).map { .ascii($0) } ?? .letter(scalar)]
        default:
            return []
        }
    }

    /// Signs by what their names say they look like.
    private static func symbol(_ name: String) -> String? {
        let words = Set(name.split { $0 == " " || $0 == "-" })
        if words.contains("ARROW") {
            if words.contains("DOUBLE") { return "=" }
            if !words.isDisjoint(with: ["LEFTWARDS", "RIGHTWARDS", "LEFT", "RIGHT"]) { return "-" }
            return words.isDisjoint(with: ["UPWARDS", "DOWNWARDS", "UP", "DOWN"]) ? "" : "|"
        }
        if !words.isDisjoint(with: ["BULLET", "STAR", "ASTERISK"]) || name.hasSuffix("MIDDLE DOT") { return "*" }
        if words.contains("BRACKET"), !words.contains("ANGLE") { return words.contains("LEFT") ? "[" : "]" }
        return nil
    }

    /// The parts of a compatibility decomposition, if there is one and it is not a space with a mark on it.
    private static func decomposition(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        let parts = Array(String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars)
        return parts == [scalar] || parts.first == " " && parts.count > 1 ? nil : parts
    }

    private static func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        return mapping.count == 1 ? mapping.first ?? scalar : scalar
    }

    /// Spellings that follow no rule below; small letters stand for both cases.
    private static let spellings: [Unicode.Scalar: String] = [
        // Signs of Latin-1 and typography.
        "¢": "C/", "£": "PS", "¤": "$", "¥": "Y=", "€": "EUR", "₩": "W", "¦": "|", "§": "SS", "¶": "P", "¨": "\"",
        "¬": "!", "¯": "-", "´": "'", "¸": ",", "°": "deg", "±": "+-", "µ": "u", "·": "*", "×": "x", "÷": "/",
        "—": "--", "―": "--", "†": "+", "‡": "++", "‰": "%0", "№": "No. ", "\u{200B}": " ", "\u{2044}": "/",
        "、": ", ", "。": ". ", "ー": "-", "〜": "~",
        // Cyrillic, as American libraries spell it, without the marks.
        "ё": "io", "ж": "zh", "й": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia",
        "є": "ie", "љ": "lj", "њ": "nj", "џ": "dz",
        // Greek.
        "χ": "kh", "υ": "u",
        // Arabic: alif only carries a vowel.
        "ا": "", "آ": "a", "أ": "a", "إ": "i", "ؤ": "w", "ئ": "y", "ة": "@", "ع": "`", "ء": "'",
        // Whole phrases in one character.
        "\u{FDFA}": "", "\u{FDFB}": "", "\u{FDFD}": "",
        // Hebrew.
        "א": "a", "ו": "v", "ח": "kh", "צ": "ts", "ץ": "ts", "ש": "sh", "ע": "`",
        // Latin.
        "ə": "@", "ǝ": "@", "ŀ": "l",
    ]
}

/// Scripts whose letters' names say how they sound: those of southern Asia, and some syllabaries.
private enum ScriptNames {
    private static let indic: Set = [
        "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "KHMER",
        "MYANMAR", "TIBETAN",
    ]
    /// Marks that sound, among those called signs.
    private static let signs = [
        "ANUSVARA": "n", "CANDRABINDU": "n", "BINDI": "n", "VISARGA": "h", "NUKTA": "'", "AVAGRAHA": "'", "TIPPI": "n",
    ]

    /// - Parameter name: a character's name, such as DEVANAGARI VOWEL SIGN II, of which `script` is the first word.
    static func spelling(_ name: String, script: String) -> String? {
        let words = name.split(separator: " ").dropFirst().map(String.init)
        guard let last = words.last else { return nil }
        if indic.contains(script) {
            switch words[0] {
            case "LETTER": return withoutVowel(last, "A")
            case "VOWEL": return last.lowercased()
            case "SIGN": return signs[last] ?? ""
            case "DANDA": return "."
            default: return signs[last]
            }
        }
        switch (script, words[0]) {
        case ("CHEROKEE", "LETTER"), ("CANADIAN", "SYLLABICS"), ("YI", "SYLLABLE"): return last.lowercased()
        case ("THAI", "CHARACTER") where words.count > 1:
            switch words[1] {
            case "SARA": return words.count > 2 ? words[2].lowercased() : nil
            case "MAI" where words.last == "HAN-AKAT": return "a"
            case "MAI", "MAITAIKHU", "THANTHAKHAT", "NIKHAHIT", "YAMAKKAN", "PHINTHU", "PAIYANNOI", "MAIYAMOK":
                return ""
            default: return withoutVowel(words[1], "O")
            }
        case ("LAO", "LETTER"): return withoutVowel(words.count > 1 ? words[1] : last, "O")
        case ("LAO", "VOWEL"): return last.lowercased()
        case ("LAO", "TONE"), ("LAO", "CANCELLATION"): return ""
        default: return nil
        }
    }

    /// A consonant's name ends in the vowel that it is read with, which is not written.
    private static func withoutVowel(_ name: String, _ vowel: Character) -> String {
        let startsWithVowel = name.first.map { "AEIOU".contains($0) } ?? true
        return (name.last == vowel && !startsWithVowel ? String(name.dropLast()) : name).lowercased()
    }
}
