import Foundation

/// Characters that Unicode takes apart into others: accented letters, letters in circles, units in squares.
enum CompatibilitySpelling {
    /// The spellings of the parts, or nothing when there are none.
    static func decomposed(_ scalar: Unicode.Scalar) -> String {
        let parts = parts(scalar)
        guard parts != [scalar] else { return "" }
        // A space that carries a mark.
        if parts.first == " ", parts.count > 1 { return "" }
        let spelling = parts.map(Transliteration.spelling).joined()
        guard parts.contains("\u{2044}") else { return spelling }
        return scalar.value < 0x100 ? " " + spelling : " " + spelling + " "
    }

    private static func parts(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        Array(String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars)
    }

    /// Bold Greek letters, by name.
    static func greek(_ scalar: Unicode.Scalar) -> String {
        let words = Transliteration.name(scalar).split(separator: " ")
        // MATHEMATICAL BOLD CAPITAL ALPHA, MATHEMATICAL BOLD SMALL FINAL SIGMA, MATHEMATICAL BOLD NABLA.
        guard let last = words.last == "SYMBOL" ? words.dropLast().last : words.last else { return "" }
        return words.contains("CAPITAL") ? last.capitalized : last.lowercased()
    }

    /// Letters and numbers in brackets, circles and squares of the second plane.
    static func enclosed(_ scalar: Unicode.Scalar) -> String {
        let name = Transliteration.name(scalar)
        if scalar.value <= 0x1F10A { return decomposed(scalar) }
        guard let letter = name.split(separator: " ").last, letter.count == 1, !name.contains("CROSSED") else {
            return ""
        }
        if name.contains("SQUARED") { return "[\(letter)]" }
        return "(\(letter))"
    }

    // MARK: Eastern Asia

    /// Words, numbers and units in brackets, circles and squares.
    static func east(_ scalar: Unicode.Scalar) -> String {
        let name = Transliteration.name(scalar)
        let parts = parts(scalar)
        // Numbers that need two digits more.
        if (0x3244...0x324F).contains(scalar.value) { return "" }
        guard parts != [scalar] else { return "" }
        let inner = parts.filter { $0 != "(" && $0 != ")" }
        if name.contains("HANGUL") || name.contains("KOREAN") { return "(" + spell(inner) + ")" }
        if name.contains("IDEOGRAPH"), !name.contains("TELEGRAPH") { return ideograph(inner) }
        if name.hasPrefix("CIRCLED KATAKANA ") { return name.split(separator: " ").last.map { $0.lowercased() } ?? "" }
        if name.contains("TELEGRAPH") { return telegraph(scalar, parts) }
        if name.hasPrefix("SQUARE "), let word = words[name.dropFirst("SQUARE ".count).description] { return word }
        var spelling = spell(parts)
        if name.hasSuffix("SQUARED") || name.hasSuffix("CUBED"), let power = spelling.popLast() {
            spelling += "^\(power)"
        }
        return spelling
    }

    /// In units the Greek letters stand for micro and ohm.
    private static func spell(_ parts: [Unicode.Scalar]) -> String {
        parts.map { $0 == "μ" ? "u" : $0 == "Ω" ? "Ohm" : Transliteration.spelling($0) }.joined()
    }

    private static func ideograph(_ inner: [Unicode.Scalar]) -> String {
        let numbers = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]
        if inner.count == 1, let index = numbers.firstIndex(of: String(scalars: inner)) { return "(\(index + 1)) " }
        return "(" + spell(inner).trimmingCharacters(in: .whitespaces) + ") "
    }

    /// Months, days and hours as telegrams have them.
    private static func telegraph(_ scalar: Unicode.Scalar, _ parts: [Unicode.Scalar]) -> String {
        let digits = String(scalars: parts.filter { $0.isASCII })
        return digits + (scalar.value < 0x3300 ? "M" : Transliteration.name(scalar).contains("DAY") ? "d" : "h")
    }

    /// Words of Japanese that are foreign ones, in the language they came from.
    private static let words: [String: String] = [
        "APAATO": "apartment", "ARUHUA": "alpha", "ANPEA": "ampere", "AARU": "are", "ININGU": "inning", "INTI": "inch",
        "UON": "won", "ESUKUUDO": "escudo", "EEKAA": "acre", "ONSU": "ounce", "OOMU": "ohm", "KAIRI": "kai-ri",
        "KARATTO": "carat", "KARORII": "calorie", "GARON": "gallon", "GANMA": "gamma", "GIGA": "giga",
        "GINII": "guinea",
        "KYURII": "curie", "GIRUDAA": "guilder", "KIRO": "kilo", "KIROGURAMU": "kilogram", "KIROMEETORU": "kilometer",
        "KIROWATTO": "kilowatt", "GURAMU": "gram", "GURAMUTON": "gram ton", "KURUZEIRO": "cruzeiro", "KUROONE": "krone",
        "KEESU": "case", "KORUNA": "koruna", "KOOPO": "co-op", "SAIKURU": "cycle", "SANTIIMU": "centime",
        "SIRINGU": "shilling", "SENTI": "centi", "SENTO": "cent", "DAASU": "dozen", "DESI": "desi", "DORU": "dollar",
        "TON": "ton", "NANO": "nano", "NOTTO": "knot", "HAITU": "heights", "PAASENTO": "percent", "PAATU": "parts",
        "BAARERU": "barrel", "PIASUTORU": "piaster", "PIKURU": "picul", "PIKO": "pico", "BIRU": "building",
        "HUARADDO": "farad", "HUIITO": "feet", "BUSSYERU": "bushel", "HURAN": "franc", "HEKUTAARU": "hectare",
        "PESO": "peso", "PENIHI": "pfennig", "HERUTU": "hertz", "PENSU": "pence", "PEEZI": "page", "BEETA": "beta",
        "POINTO": "point", "BORUTO": "volt", "HON": "hon", "PONDO": "pound", "HOORU": "hall", "HOON": "horn",
        "MAIKURO": "micro", "MAIRU": "mile", "MAHHA": "mach", "MARUKU": "mark", "MANSYON": "mansion",
        "MIKURON": "micron", "MIRI": "milli", "MIRIBAARU": "millibar", "MEGA": "mega", "MEGATON": "megaton",
        "MEETORU": "meter", "YAADO": "yard", "YAARU": "yard", "YUAN": "yuan", "RITTORU": "liter", "RIRA": "lira",
        "RUPII": "rupee", "RUUBURU": "ruble", "REMU": "rem", "RENTOGEN": "roentgen", "WATTO": "watt",
    ]
}
