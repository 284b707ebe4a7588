import Foundation

/// Examples of a document, each of which stands word for word in the test that runs it.
///
/// In the test an example stands between the lines `// example: NAME` and `// end of example`, in the document after
/// `<!-- NAME -->`. To bring the document up to date: `DALLE_UPDATE_DOCS=1 swift test`.
public struct DocumentExamples {
    private let path: URL
    private let source: [String]

    /// - Parameters:
    ///   - document: Its path from the top of the package.
    ///   - source: The test's file.
    public init(_ document: String, source: String = #filePath) throws {
        path = Fixtures.directory.deletingLastPathComponent().appending(path: document)
        self.source = try String(contentsOfFile: source, encoding: .utf8).components(separatedBy: "\n")
    }

    /// What the test has between an example's marks; nil when it has no such example.
    public func code(_ name: String) -> String? {
        guard
            let start = source.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == "// example: \(name)" }),
            let end = source[start...].firstIndex(where: { $0.hasSuffix("// end of example") })
        else { return nil }
        let indentation = source[start].prefix { $0 == " " }.count
        return source[(start + 1)..<end].map { String($0.dropFirst(indentation)) }.joined(separator: "\n")
    }

    /// What the document should hold of some examples and does not.
    public func missing(_ names: [String]) throws -> [String] {
        var document = try String(contentsOf: path, encoding: .utf8)
        var missing: [String] = []
        for name in names {
            let (mark, code) = ("<!-- \(name) -->", code(name) ?? "the test has no example '\(name)'")
            let block = "\(mark)\n```swift\n\(code)\n```\n"
            if ProcessInfo.processInfo.environment["DALLE_UPDATE_DOCS"] != nil, let found = document.range(of: mark) {
                let rest = document[found.upperBound...]
                let old = rest.hasPrefix("\n```swift") ? rest.range(of: "\n```\n")?.upperBound : nil
                document.replaceSubrange(
                    found.lowerBound..<(old ?? document.index(after: found.upperBound)), with: block)
                try document.write(to: path, atomically: true, encoding: .utf8)
            }
            if !document.contains(block) { missing.append(block) }
        }
        return missing
    }
}
