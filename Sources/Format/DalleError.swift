/// What went wrong, where, and what to do about it.
///
/// Every library of this package throws this one type, so that a command can print it in a line or two and
/// choose its exit status from `code`.
public struct DalleError: Error, Sendable, Equatable {
    /// The kind of failure; decides a command's exit status.
    public enum Code: Sendable {
        /// A file's content is not what it should be: truncated, damaged, hostile, or of a kind not supported.
        case badData
        /// A file or a part of a model that is needed is not there.
        case missingInput
        /// The system gives no more memory.
        case noMemory
        /// The output cannot be written.
        case cannotWrite
        /// The caller asked for something that cannot be done.
        case usage
        /// The task that asked for it was cancelled.
        case cancelled
        /// Our own mistake.
        case fault
    }

    public var code: Code
    /// What is wrong, with the expected and the found value.
    public var message: String
    /// What the user can do.
    public var remedy: String?
    /// Path of the file concerned.
    public var file: String?
    /// The tensor, key or record inside the file.
    public var item: String?
    /// Byte offset inside the file.
    public var offset: Int?

    public init(
        _ code: Code, _ message: String, remedy: String? = nil,
        file: String? = nil, item: String? = nil, offset: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.file = file
        self.item = item
        self.offset = offset
    }

    /// The same error with the places filled in that it does not name yet.
    public func located(file: String? = nil, item: String? = nil, offset: Int? = nil) -> DalleError {
        var error = self
        error.file = error.file ?? file
        error.item = error.item ?? item
        error.offset = error.offset ?? offset
        return error
    }
}

extension DalleError: CustomStringConvertible {
    /// A line or two, safe to print: names and texts of a file end up in errors, whatever it calls its parts.
    public var description: String {
        var place: [String] = []
        if let file { place.append(PlainText.line(file, maximumLength: 4096)) }
        if let item { place.append("'\(PlainText.line(item, maximumLength: 256))'") }
        if let offset { place.append("byte \(offset)") }
        let head = place.isEmpty ? "" : place.joined(separator: ", ") + ": "
        return head + PlainText.line(message, maximumLength: 1024) + (remedy.map { ". \(PlainText.line($0))" } ?? "")
    }
}
