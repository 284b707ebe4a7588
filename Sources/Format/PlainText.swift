/// Text from files and command lines, made safe to show on a terminal.
///
/// Control characters, which move a cursor or set a window's title, signs that turn the direction of writing, and what
/// is invisible are shown as `\u{1b}`. Joiners stay, which scripts and emoji are written with.
public enum PlainText {
    /// A text in one line.
    ///
    /// - Parameter maximumLength: Of a longer text the middle is left out.
    public static func line(_ text: String, maximumLength: Int = .max) -> String {
        let scalars = text.unicodeScalars
        // A text of so few bytes has no more scalars.
        if text.utf8.count > maximumLength, scalars.count > maximumLength {
            return line(String(scalars.prefix(maximumLength / 2))) + "…"
                + line(String(scalars.suffix(maximumLength / 4)))
        }
        return escaped(text, where: disturbs)
    }

    /// A text whose lines and tabs stay.
    public static func lines(_ text: String) -> String {
        escaped(text) { $0 != "\n" && $0 != "\t" && disturbs($0) }
    }

    /// Whether a terminal does something else with a sign than to show it.
    public static func disturbs(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: !isJoiner(scalar)
        default: false
        }
    }

    /// Joiners, and the tags that flags of regions are written with.
    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200C, 0x200D, 0xE0020...0xE007F: true
        default: false
        }
    }

    private static func escaped(_ text: String, where isEscaped: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: isEscaped) else { return text }
        var plain = ""
        for scalar in text.unicodeScalars {
            if isEscaped(scalar) {
                plain += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                plain.unicodeScalars.append(scalar)
            }
        }
        return plain
    }
}
