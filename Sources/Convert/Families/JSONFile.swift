import DalleFormat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A small JSON file that lies beside a checkpoint.
enum JSONFile {
    /// What a settings or vocabulary file may have; real ones have a few megabytes.
    private static let largest = 256 << 20

    /// - Throws: `missingInput` when there is no such file, `badData` with the key when it is not as `Value` wants it.
    static func decode<Value: Decodable>(_: Value.Type, _ path: String) throws(DalleError) -> Value {
        let file = try MappedFile(path)
        return try decode(Value.self, file, 0..<file.count)
    }

    /// The JSON in a part of a file.
    static func decode<Value: Decodable>(
        _: Value.Type, _ file: MappedFile, _ range: Range<Int>
    ) throws(DalleError) -> Value {
        let path = file.path
        guard range.count <= largest else {
            throw DalleError(.badData, "has \(range.count) bytes of JSON, expected at most \(largest)", file: path)
        }
        do {
            return try JSONDecoder().decode(Value.self, from: file.withUnsafeBytes(range) { Data($0) })
        } catch let error as DecodingError {
            throw DalleError(error, signature: FileSignature.describe(file.bytes)).located(file: path)
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
