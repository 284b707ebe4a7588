import DalleFormat
import Yams

/// Small configuration files in YAML, of which JSON is a subset.
enum YAMLFile {
    /// Configurations have a few dozen lines.
    private static let maximumByteCount = 1 << 18

    /// The document's root.
    ///
    /// - Throws: `badData` when the file is too large, no YAML, or uses anchors.
    static func root(_ path: String) throws(DalleError) -> Node {
        let file = try MappedFile(path)
        do throws(DalleError) {
            guard file.count <= maximumByteCount else {
                throw DalleError(.badData, "has \(file.count) bytes, where a configuration of a few lines is expected")
            }
            var reader = ByteReader(file.bytes)
            return try parse(try reader.text(file.count))
        } catch {
            throw error.located(file: path)
        }
    }

    private static func parse(_ text: String) throws(DalleError) -> Node {
        // A few lines of anchors can stand for more values than there is time to compare, as keys must be.
        // What may stand before one is more than white space; inside a word or an address it is none.
        guard !text.contains(/(?:^|[^A-Za-z0-9])&[A-Za-z0-9_-]/.matchingSemantics(.unicodeScalar)) else {
            throw DalleError(.badData, "uses YAML anchors, which no configuration of a checkpoint does")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw DalleError(.badData, "is neither YAML nor JSON: \(reason(error))")
        }
        guard let root else { throw DalleError(.badData, "is empty") }
        return root
    }

    /// The parser's reason without its drawing of the place.
    private static func reason(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(problem) in line \(mark.line)"
        case .duplicatedKeysInMapping(let names, _): "\(names.joined(separator: ", ")) is there twice"
        case .reader(let problem, _, _, _): problem
        default: "it cannot be read"
        }
    }
}
