import ArgumentParser
public import DalleFormat
import Foundation

/// In which form standard error speaks.
enum MessageForm: Sendable {
    /// Lines for people.
    case text
    /// The same, but an error is a JSON object: `--json`.
    case jsonErrors
    /// Every line is a JSON object: `--progress json`.
    case events

    /// What the arguments of a command ask for, whether or not the rest of them is understood.
    init(_ arguments: [String]) {
        let options = arguments.prefix { $0 != "--" }
        let isProgress = zip(options, options.dropFirst()).contains { $0 == "--progress" && $1 == "json" }
        if isProgress || options.contains("--progress=json") {
            self = .events
        } else {
            self = options.contains("--json") ? .jsonErrors : .text
        }
    }
}

extension Console {
    static let form = MessageForm(Array(CommandLine.arguments.dropFirst()))

    /// Says an error and what to do about it.
    public static func fail(_ error: DalleError) {
        fail(FailureEvent(error), text: "\(error)")
    }

    /// Says what is wrong, of no certain file.
    ///
    /// - Parameter status: What the command will exit with.
    public static func fail(_ message: String, remedy: String? = nil, status: Int32) {
        fail(
            FailureEvent(message: message, remedy: remedy, status: status),
            text: message + (remedy.map { ". \($0)" } ?? ""))
    }

    private static func fail(_ event: FailureEvent, text: String) {
        if form == .text { standardError("Error: \(PlainText.lines(text))\n") } else { write(event) }
    }

    /// An object in a line of its own, for a program that asked for them; for others nothing.
    public static func event(_ value: @autoclosure () -> some Encodable) {
        if form == .events { write(value()) }
    }

    private static func write(_ event: some Encodable) {
        guard let line = try? text(json: event, isPretty: false) else { return }
        standardError(line + "\n")
    }
}

/// Something to know, for programs.
struct NoteEvent: Encodable {
    let event = "note"
    let message: String
}

/// That all is over, and no more lines will come.
struct DoneEvent: Encodable {
    let event = "done"
}

/// An error, for programs; what is not known is null.
private struct FailureEvent: Encodable {
    var file: String?
    /// Or the key, or the record, that the error is about.
    var tensor: String?
    var offset: Int?
    let message: String
    let remedy: String?
    let status: Int32

    enum CodingKeys: String, CodingKey { case event, file, tensor, offset, message, remedy, status }

    init(message: String, remedy: String?, status: Int32) {
        self.message = message
        self.remedy = remedy
        self.status = status
    }

    init(_ error: DalleError) {
        self.init(message: error.message, remedy: error.remedy, status: error.code.exitStatus.rawValue)
        file = error.file
        tensor = error.item
        offset = error.offset
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("error", forKey: .event)
        try container.encode(file, forKey: .file)
        try container.encode(tensor, forKey: .tensor)
        try container.encode(offset, forKey: .offset)
        try container.encode(message, forKey: .message)
        try container.encode(remedy, forKey: .remedy)
        try container.encode(status, forKey: .status)
    }
}
