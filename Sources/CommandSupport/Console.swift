import Foundation

/// What a command says: results on standard output, everything else on standard error.
public struct Console: Sendable {
    private let isQuiet: Bool

    public init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// Something to know, not needed to use the result.
    public func note(_ text: String) {
        if !isQuiet { Console.error(text) }
    }

    /// The result.
    public static func result(_ text: String) { print(text) }

    /// The result as one JSON object.
    public static func result(json value: some Encodable) throws { print(try text(json: value)) }

    /// A value as JSON.
    public static func text(json value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    public static func error(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
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
