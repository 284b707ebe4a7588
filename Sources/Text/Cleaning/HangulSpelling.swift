/// Korean letters and the syllables made of them.
enum HangulSpelling {
    private static let onsets = [
        "g", "gg", "n", "d", "dd", "r", "m", "b", "bb", "s", "ss", "", "j", "jj", "c", "k", "t", "p", "h",
    ]
    private static let vowels = [
        "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "weo", "we", "wi", "yu",
        "eu",
        "yi", "i",
    ]
    private static let codas = [
        "", "g", "gg", "gs", "n", "nj", "nh", "d", "l", "lg", "lm", "lb", "ls", "lt", "lp", "lh", "m", "b", "bs", "s",
        "ss", "ng", "j", "c", "k", "t", "p", "h",
    ]

    /// - Parameter scalar: a syllable; they are numbered by onset, vowel and coda.
    static func syllable(_ scalar: Unicode.Scalar) -> String {
        let number = Int(scalar.value - 0xAC00)
        return onsets[number / (21 * 28)] + vowels[number / 28 % 21] + codas[number % 28]
    }

    /// A letter by its name: HANGUL JONGSEONG RIEUL-KIYEOK is "lg".
    static func jamo(_ scalar: Unicode.Scalar) -> String {
        guard let age = scalar.properties.age, age.major < 5 else { return "" }
        let words = Transliteration.name(scalar).split(separator: " ")
        guard words.count == 3, let kind = words.dropFirst().first, let name = words.last, name != "FILLER" else {
            return ""
        }
        if let spelling = exceptions["\(kind) \(name)"] { return spelling }
        let parts = name.split(separator: "-").map(String.init)
        guard parts.allSatisfy({ consonants[doubled($0)] != nil }) else {
            // A vowel; the old one below the line is U.
            return name.lowercased().replacing("ssangaraea", with: "UU").replacing("araeae", with: "U-i")
                .replacing("araea", with: "U")
        }
        // Alone the letter between r and l is r, except at the end of a syllable.
        let isCoda = kind == "JONGSEONG" || kind == "LETTER" && parts.count > 1
        return parts.map { part in
            let letter = consonants[doubled(part)] ?? ""
            let spelling = isCoda && letter == "r" ? "l" : letter
            return part.hasPrefix("SSANG") ? spelling + spelling : spelling
        }.joined()
    }

    private static func doubled(_ name: String) -> String {
        name.hasPrefix("SSANG") ? String(name.dropFirst(5)) : name
    }

    private static let consonants = [
        "KIYEOK": "g", "NIEUN": "n", "TIKEUT": "d", "RIEUL": "r", "MIEUM": "m", "PIEUP": "b", "SIOS": "s", "IEUNG": "",
        "CIEUC": "j", "CHIEUCH": "c", "KHIEUKH": "k", "THIEUTH": "t", "PHIEUPH": "p", "HIEUH": "h", "PANSIOS": "Z",
        "YESIEUNG": "N", "YEORINHIEUH": "Q", "KAPYEOUNRIEUL": "rN", "KAPYEOUNMIEUM": "mN", "KAPYEOUNPIEUP": "bN",
        "KAPYEOUNPHIEUPH": "pN", "KAPYEOUNSSANGPIEUP": "bbN", "CHITUEUMSIOS": "", "CHITUEUMSSANGSIOS": "",
        "CEONGCHIEUMSIOS": "", "CEONGCHIEUMSSANGSIOS": "", "CHITUEUMCIEUC": "", "CHITUEUMSSANGCIEUC": "",
        "CEONGCHIEUMCIEUC": "", "CEONGCHIEUMSSANGCIEUC": "", "CHITUEUMCHIEUCH": "", "CEONGCHIEUMCHIEUCH": "",
    ]

    private static let exceptions = [
        "CHOSEONG PIEUP-TIKEUT": "", "LETTER PIEUP-TIKEUT": "", "CHOSEONG PIEUP-SIOS-TIKEUT": "bst",
        "LETTER PIEUP-SIOS-TIKEUT": "bst", "LETTER RIEUL-HIEUH": "rh", "JONGSEONG IEUNG": "ng",
        "JONGSEONG TIKEUT-RIEUL": "tl", "JONGSEONG RIEUL-TIKEUT-HIEUH": "lth", "JONGSEONG RIEUL-KAPYEOUNPIEUP": "rNp",
        "JONGSEONG PIEUP-HIEUH": "ph", "JONGSEONG KAPYEOUNPIEUP": "pN", "JONGSEONG IEUNG-SSANGKIYEOK": "ss",
        "JONGSEONG IEUNG-KHIEUKH": "kh",
    ]
}
