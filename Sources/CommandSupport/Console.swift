import DalleFormat
import Foundation

/// What a command says: results on standard output, everything else on standard error.
///
/// Texts may hold names and prompts: what would do something to a terminal is shown instead (`PlainText`).
public struct Console: Sendable {
    private let isQuiet: Bool

    public init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// Something to know, not needed to use the result.
    public func note(_ text: String) {
        if !isQuiet { Console.error(text) }
    }

    /// The result, or a line of it.
    public static func result(_ text: String) { StandardStream.output.write(PlainText.lines(text) + "\n") }

    /// The result as one JSON object.
    public static func result(json value: some Encodable) throws {
        StandardStream.output.write(try text(json: value) + "\n")
    }

    /// A value as JSON, with the signs that disturb a terminal as escape sequences.
    public static func text(json value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        var escaped = ""
        for scalar in text.unicodeScalars {
            if scalar != "\n", PlainText.disturbs(scalar) {
                for unit in UTF16.encode(scalar) ?? .init() { escaped += String(format: "\\u%04x", Int(unit)) }
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    public static func error(_ text: String) { StandardStream.error.write(PlainText.lines(text) + "\n") }
}

/// Sizes and times as people read them.
public enum Readable {
    public static func bytes(_ count: Int) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (Double(count), 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return unit == 0 ? "\(count) bytes" : String(format: value < 10 ? "%.2f %@" : "%.1f %@", value, units[unit])
    }

    public static func seconds(_ seconds: Double) -> String {
        if seconds < 60 { return String(format: seconds < 10 ? "%.1f s" : "%.0f s", seconds) }
        let whole = Int(seconds.rounded())
        return whole < 3600
            ? String(format: "%d:%02d min", whole / 60, whole % 60)
            : String(format: "%d:%02d h", whole / 3600, whole / 60 % 60)
    }
}
