import DalleFormat
import Yams

/// Small configuration files in YAML, of which JSON is a subset.
enum YAMLFile {
    /// Configurations have a few dozen lines. What is spelled by numbers may be marks, whose order takes time.
    private static let maximumByteCount = 1 << 15

    /// The document's root, with values in place of aliases, of merged mappings (`<<`) and of OmegaConf's interpolations
    /// that name another value (`${model.params.embed_dim}`, `${.ch}`). Other interpolations stay as they are written.
    ///
    /// - Throws: `badData` when the file is too large or no YAML, or its aliases stand for too many values.
    static func root(_ path: String) throws(DalleError) -> Node {
        do throws(DalleError) {
            return try parse(try TextFile.read(path, atMost: maximumByteCount))
        } catch {
            throw error.located(file: path)
        }
    }

    private static func parse(_ text: String) throws(DalleError) -> Node {
        // The parser would put the anchored values in their place, and compares keys by all they hold: a few lines could
        // stand for more values than there is time to compare. So it gets aliases as words.
        let anchor = /(?:^|[^A-Za-z0-9])&[A-Za-z0-9_-]/.matchingSemantics(.unicodeScalar)
        let hasAnchors = text.contains(anchor)
        guard !hasAnchors || !text.unicodeScalars.contains(YAMLExpansion.sign) else {
            throw DalleError(.badData, "uses YAML anchors beside the character U+E000")
        }
        let alias = /\*(?=[A-Za-z0-9_-])/.matchingSemantics(.unicodeScalar)
        let words = hasAnchors ? text.replacing(alias, with: String(YAMLExpansion.sign)) : text
        do {
            let parser = try Parser(yaml: words)
            // Nodes know their anchors only as long as the parser is there.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else { throw DalleError(.badData, "is empty") }
                return try YAMLExpansion.expanded(root)
            }
        } catch let error as DalleError {
            throw error
        } catch {
            throw DalleError(.badData, "is neither YAML nor JSON: \(reason(error))")
        }
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
