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
        guard !isQuiet else { return }
        if Console.form == .events { Console.event(NoteEvent(message: text)) } else { Console.error(text) }
    }

    /// The result, or a line of it.
    public static func result(_ text: String) { StandardStream.output.write(PlainText.lines(text) + "\n") }

    /// The result as one JSON object.
    public static func result(json value: some Encodable) throws {
        StandardStream.output.write(try text(json: value) + "\n")
    }

    /// The result as the bytes of a file.
    ///
    /// - Returns: Whether standard output took them; if not, the command ends with an error.
    public static func result(bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { StandardStream.output.write($0) } }

    public static func error(_ text: String) {
        if form == .events { event(NoteEvent(message: text)) } else { standardError(PlainText.lines(text) + "\n") }
    }

    static func standardError(_ text: String) { StandardStream.error.write(text) }
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

    /// A time that is only guessed: whole seconds.
    public static func duration(_ value: Double) -> String {
        let whole = min(max(value, 0), 1e7).rounded(.up)
        return whole < 60 ? "\(Int(whole)) s" : seconds(whole)
    }

    /// Things in a second.
    static func rate(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }

    /// A number of things: 1 tensor, 2 tensors.
    public static func count(_ count: Int, _ thing: String) -> String {
        "\(count) \(thing)\(count == 1 ? "" : "s")"
    }
}
