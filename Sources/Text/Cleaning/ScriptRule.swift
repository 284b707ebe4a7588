import Foundation

/// How the letters of one script are spelled: by what their names in Unicode say.
///
/// A name such as HEBREW LETTER FINAL KAF is looked up without the script, then also without the words that say what
/// kind of character it is, then without what follows WITH.
struct ScriptRule {
    enum Style {
        /// Only what is listed has a spelling.
        case listed
        /// The last word of the name is the spelling: CHEROKEE LETTER HNA.
        case lastWord
        /// The same without the vowel that a consonant is read with: DEVANAGARI LETTER KHA.
        case consonants
    }

    let characters: ClosedRange<UInt32>
    let style: Style
    /// The edition of Unicode whose letters are known; letters that came later have no spelling.
    let edition: Double
    private let spellings: [String: String]

    /// - Parameter list: `NAME = spelling`, separated by semicolons; several names are separated by bars. In a spelling,
    ///   which may be empty, ␣ stands for a space, ⁏ for a semicolon and ∣ for a bar.
    init(_ characters: ClosedRange<UInt32>, _ style: Style = .listed, edition: Double = 3.0, _ list: String = "") {
        self.characters = characters
        self.style = style
        self.edition = edition
        var spellings: [String: String] = [:]
        for entry in list.split(separator: ";") {
            let words = entry.split(whereSeparator: \.isWhitespace)
            guard let mark = words.firstIndex(of: "=") else { continue }
            let spelling = words[(mark + 1)...].joined().replacing("␣", with: " ")
                .replacing("⁏", with: ";").replacing("∣", with: "|")
            for name in words[..<mark].joined(separator: " ").split(separator: "|") {
                spellings[name.trimming(" ")] = spelling
            }
        }
        self.spellings = spellings
    }

    func spelling(_ scalar: Unicode.Scalar) -> String {
        let properties = scalar.properties
        guard let age = properties.age, Double(age.major) + Double(age.minor) / 10 <= edition + 0.001 else { return "" }
        if properties.generalCategory == .decimalNumber, let value = properties.numericValue.flatMap(Int.init(exactly:))
        {
            return String(value)
        }
        guard let name = properties.name else { return "" }
        let words = name.split(separator: " ").dropFirst().joined(separator: " ")
        return spelling(of: words) ?? ""
    }

    private func spelling(of name: String) -> String? {
        if let spelling = spellings[name] { return spelling }
        if name.hasPrefix("CAPITAL "), let spelling = spelling(of: "SMALL " + name.dropFirst("CAPITAL ".count)) {
            return spelling.prefix(1).uppercased() + spelling.dropFirst()
        }
        let kinds = ["SMALL LETTER ", "LETTER ", "VOWEL SIGN ", "CHARACTER ", "SYLLABLE ", "SYLLABICS ", "SUBJOINED "]
        for kind in kinds where name.hasPrefix(kind) {
            let rest = String(name.dropFirst(kind.count))
            if let spelling = spelling(of: rest) { return spelling }
            return style == .listed ? nil : bare(rest, isLetter: kind != "VOWEL SIGN ")
        }
        if let with = name.range(of: " WITH ") { return spelling(of: String(name[..<with.lowerBound])) }
        return nil
    }

    private func bare(_ name: String, isLetter: Bool) -> String? {
        guard let last = name.split(separator: " ").last.map(String.init) else { return nil }
        if style == .consonants, isLetter, last.last == "A", let first = last.first, !"AEIOU".contains(first) {
            return String(last.dropLast()).lowercased()
        }
        return last.lowercased()
    }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> String {
        String(drop { $0 == character }.reversed().drop { $0 == character }.reversed())
    }
}
