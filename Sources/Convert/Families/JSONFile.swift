import DalleFormat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A small JSON file that lies beside a checkpoint.
enum JSONFile {
    /// What a vocabulary may have; real ones have a few megabytes, and take twenty times that while they are read.
    private static let largest = 32 << 20
    /// What settings, an index of shards or a header may have, whose values are kept one by one; some hundred
    /// kilobytes are a long one.
    private static let maximumObjectByteCount = 4 << 20

    /// An object of values of any kind, in which no key is there twice.
    ///
    /// - Throws: `missingInput` when there is no such file, `badData` when it is no such object.
    static func object(_ path: String) throws(DalleError) -> [String: JSONValue] {
        try text(path, atMost: maximumObjectByteCount) { json throws(DalleError) in try object(json, path) }
    }

    /// The object in a part of a file.
    static func object(_ file: MappedFile, _ range: Range<Int>) throws(DalleError) -> [String: JSONValue] {
        guard range.count <= maximumObjectByteCount else {
            throw DalleError(
                .badData, "has \(range.count) bytes of JSON, expected at limit \(maximumObjectByteCount)",
                file: file.path)
        }
        return try file.withUnsafeBytes(range) { json throws(DalleError) in try object(json, file.path) }
    }

    private static func object(_ json: UnsafeRawBufferPointer, _ path: String) throws(DalleError) -> [String: JSONValue]
    {
        let object = try decode([String: JSONValue].self, json, path)
        // Of two values under one key a decoder keeps one, and another program perhaps the other.
        guard JSONValue.object(object).memberCount == JSONText(json).colons else {
            throw DalleError(.badData, "has a key that is there twice", file: path)
        }
        return object
    }

    /// - Throws: `missingInput` when there is no such file, `badData` with the key when it is not as `Value` wants it.
    static func decode<Value: Decodable>(_: Value.Type, _ path: String) throws(DalleError) -> Value {
        try text(path, atMost: largest) { json throws(DalleError) in try decode(Value.self, json, path) }
    }

    private static func text<Result>(
        _ path: String, atMost limit: Int, _ body: (UnsafeRawBufferPointer) throws(DalleError) -> Result
    ) throws(DalleError) -> Result {
        let json = Array(try TextFile.read(path, atMost: limit).utf8)
        return try json.span.bytes.withUnsafeBytes { json throws(DalleError) in try body(json) }
    }

    private static func decode<Value: Decodable>(
        _: Value.Type, _ json: UnsafeRawBufferPointer, _ path: String
    ) throws(DalleError) -> Value {
        guard JSONText(json).hasBoundedMarks else {
            throw DalleError(.badData, "has a text of more than \(String.maximumMarks) marks in a row", file: path)
        }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(json))
        } catch let error as DecodingError {
            let start = Array(json.prefix(512))
            throw DalleError(error, signature: FileSignature.describe(start.span)).located(file: path)
        } catch {
            throw DalleError(.badData, "cannot be read as JSON: \(error)", file: path)
        }
    }
}

extension DalleError {
    /// - Parameter signature: what the file looks like, for one that is no JSON at all.
    fileprivate init(_ error: DecodingError, signature: String) {
        let path: [any CodingKey]
        let message: String
        switch error {
        case .keyNotFound(let key, let context):
            path = context.codingPath + [key]
            message = "the key is missing"
        case .valueNotFound(_, let context):
            path = context.codingPath
            message = "is null, expected a value"
        case .typeMismatch(let type, let context):
            path = context.codingPath
            message = "is of another type than expected (\(type))"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            path = context.codingPath
            message = context.debugDescription
        default:
            path = []
            message = "is not valid JSON; \(signature)"
        }
        let keys = path.map { $0.intValue.map(String.init) ?? $0.stringValue }
        self.init(
            .badData, message, remedy: "Get the file again from where the checkpoint came from",
            item: keys.isEmpty ? nil : keys.joined(separator: "."))
    }
}
