import DalleFormat
import Foundation

extension Console {
    /// A value as JSON.
    ///
    /// - Parameter isPretty: Indented, a line for each member; lists of numbers take one line.
    public static func text(json value: some Encodable, isPretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let text = escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
        return isPretty ? joiningNumbers(text) : text
    }

    /// The signs that disturb a terminal as escape sequences.
    private static func escaped(_ text: String) -> String {
        func isEscaped(_ scalar: Unicode.Scalar) -> Bool { scalar != "\n" && PlainText.disturbs(scalar) }
        guard text.unicodeScalars.contains(where: isEscaped) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isEscaped(scalar) {
                for unit in UTF16.encode(scalar) ?? .init() { escaped += String(format: "\\u%04x", Int(unit)) }
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Puts lists of numbers into one line: a picture has hundreds of codes.
    private static func joiningNumbers(_ text: String) -> String {
        var lines: [Substring] = []
        var joined: [String] = []
        func flush() {
            joined += lines.map(String.init)
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.drop { $0 == " " }
            // A string has no line break, so what ends in a bracket opens a list.
            if line.last == "[" {
                flush()
                lines = [line]
            } else if !lines.isEmpty, content.first == "]" {
                let numbers = lines.dropFirst().map { $0.drop { $0 == " " } }
                joined.append(lines[0] + numbers.joined(separator: " ") + content)
                lines = []
            } else if !lines.isEmpty, let first = content.first, first.isNumber || first == "-" {
                lines.append(line)
            } else {
                flush()
                joined.append(String(line))
            }
        }
        flush()
        return joined.joined(separator: "\n")
    }
}
