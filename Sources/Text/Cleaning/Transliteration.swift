import DalleFormat
import DalleModels
import Foundation

/// Spells text of any script in ASCII, character by character, the way unidecode does.
///
/// The models saw captions that went through that library. Its table is not here: the spellings come from the
/// characters' names and decompositions in Unicode (`ScriptRules`), from Unihan's readings (`HanReadings`), and from a
/// list of signs (`SignSpellings`). A user may import the table itself into a model file (`CharacterTable`).
enum Transliteration {
    /// - Parameter table: spells characters instead of the rules here.
    static func ascii(_ text: String, _ table: CharacterTable? = nil) -> String {
        guard !text.isASCII else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                result.append(scalar)
            } else if let table {
                result.append(contentsOf: table.spelling(scalar).map { Unicode.Scalar($0) })
            } else {
                result.append(contentsOf: spelling(scalar).unicodeScalars)
            }
        }
        return String(result)
    }

    /// The spelling of one character; empty where there is none.
    static func spelling(_ scalar: Unicode.Scalar) -> String {
        if scalar.isASCII { return String(scalar) }
        if let spelling = SignSpellings.table[scalar] { return spelling }
        if let rule = ScriptRules.rule(scalar) { return rule.spelling(scalar) }
        switch scalar.value {
        case 0x1100...0x11FF, 0x3130...0x318F: return HangulSpelling.jamo(scalar)
        case 0xAC00...0xD7A3: return HangulSpelling.syllable(scalar)
        case 0x4E00...0x9FFF: return HanReadings.reading(scalar).map { $0 + " " } ?? ""
        case 0x0363...0x036F: return name(scalar).suffix(1).lowercased()
        case 0x2000...0x200B, 0x202F, 0x205F: return " "
        case 0x2028...0x2029: return "\n"
        case 0x2190...0x21F3: return arrow(name(scalar))
        case 0x2500...0x257F: return line(name(scalar))
        case 0x2580...0x2593: return "#"
        case 0x25A0...0x25F7: return shape(scalar.value)
        case 0x2800...0x28FF: return braille(scalar.value)
        case 0x3200...0x33FF: return CompatibilitySpelling.east(scalar)
        case 0x1D6A8...0x1D6DA: return CompatibilitySpelling.greek(scalar)
        case 0x1F100...0x1F1AD: return CompatibilitySpelling.enclosed(scalar)
        case 0xA490...0xA4C6: return yiRadical(scalar)
        case 0x80...0x24F, 0x340...0x3FF, 0x1D00...0x1D7F, 0x1E00...0x1FFF, 0x2070...0x209F, 0x2100...0x218F,
            0x2460...0x24FF, 0x2C60...0x2C7F, 0x3000...0x303F, 0xF900...0xFAFF, 0xFB00...0xFB4F, 0xFE30...0xFE6F,
            0xFF00...0xFFEE, 0x1D400...0x1D6A5, 0x1D7CE...0x1D7FF, 0x2F800...0x2FA1F:
            return CompatibilitySpelling.decomposed(scalar)
        default: return ""
        }
    }

    static func name(_ scalar: Unicode.Scalar) -> String { scalar.properties.name ?? "" }

    private static func yiRadical(_ scalar: Unicode.Scalar) -> String {
        guard scalar.properties.age?.major == 3, scalar.properties.age?.minor == 0 else { return "" }
        return name(scalar).split(separator: " ").last?.capitalized ?? ""
    }

    // MARK: Signs by what they look like

    private static func arrow(_ name: String) -> String {
        let words = Set(name.split { $0 == " " || $0 == "-" })
        if words.contains("DOUBLE") {
            return words.isDisjoint(with: ["LEFT", "LEFTWARDS", "RIGHT", "RIGHTWARDS"]) ? "|" : "="
        }
        let isUpright = !words.isDisjoint(with: ["UPWARDS", "DOWNWARDS", "UP", "DOWN"])
        return isUpright && !name.contains("WITH BARB UP") && !name.contains("WITH BARB DOWN") ? "|" : "-"
    }

    private static func line(_ name: String) -> String {
        let words = Set(name.split(separator: " "))
        let isLevel = !words.isDisjoint(with: ["HORIZONTAL", "LEFT", "RIGHT"])
        let isUpright = !words.isDisjoint(with: ["VERTICAL", "UP", "DOWN"])
        return isLevel && isUpright ? "+" : isUpright ? "|" : "-"
    }

    private static func shape(_ value: UInt32) -> String {
        switch value {
        case 0x25A0...0x25B1, 0x25E7...0x25EB, 0x25F0...0x25F7: "#"
        case 0x25B2...0x25B5, 0x25EC...0x25EE: "^"
        case 0x25B6...0x25BB: ">"
        case 0x25BC...0x25BF: "V"
        case 0x25C0...0x25C5: "<"
        default: "*"
        }
    }

    /// Braille ASCII, as embossers have it; patterns with a seventh or eighth dot by their dots.
    private static func braille(_ value: UInt32) -> String {
        let codes = Array(#" A1B'K2L@CIF/MSP"E3H9O6R^DJG>NTQ,*5<-U8V.%[$+X!&;:4\0Z7(_?W]#Y)="#.lowercased())
        let pattern = Int(value - 0x2800)
        if codes.indices.contains(pattern) { return String(codes[pattern]) }
        let dots = (0..<8).filter { dot in pattern >> dot & 1 == 1 }
        return "[d\(dots.map { String($0 + 1) }.joined())]"
    }
}
