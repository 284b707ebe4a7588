import Foundation
import TestSupport
import Testing

/// What the documents name is there.
@Suite struct DocumentTests {
    private static let documents = [
        "README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md", "docs/LIBRARY.md", "docs/QUANTISATION.md",
        "Examples/README.md", "fixtures/demo/README.md",
    ]

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: Sources.top.appending(path: path).path)
    }

    /// Names of all files of ours.
    private static let names: Set<String> = {
        let folders = ["Sources", "Tests", "Examples/Sources", "Benchmarks", "Fuzz", "docs", "scripts"]
        let files = folders.flatMap { Sources.files($0, ["swift", "c", "h", "inc", "md", "sh"]) }
        return Set(files.map(\.lastPathComponent))
    }()

    /// Files and folders between backticks, from the top of the package or from `Sources`, or a file's name alone.
    @Test(arguments: documents) func filesExist(_ document: String) throws {
        let text = try String(contentsOf: Sources.top.appending(path: document), encoding: .utf8)
        for match in text.matches(of: /`([\w.+\/-]+)`/) {
            let path = String(match.1)
            guard !path.contains("NAME") else { continue }
            let isOurs = path.contains(/^(Sources|Tests|Examples|Benchmarks|Fuzz|docs|scripts|fixtures)\//)
            guard isOurs || path.contains(/\.(swift|c|h|inc|sh)$/) else { continue }
            let isThere =
                path.contains("/")
                ? Self.exists(path) || Self.exists("Sources/\(path)") : Self.names.contains(path)
            #expect(isThere, "\(document) names \(path)")
        }
    }

    @Test(arguments: documents) func linksLeadSomewhere(_ document: String) throws {
        let text = try String(contentsOf: Sources.top.appending(path: document), encoding: .utf8)
        let folder = document.split(separator: "/").dropLast().map { "\($0)/" }.joined()
        for match in text.matches(of: /\]\(([^)#]+)[^)]*\)/) where !match.1.contains("://") {
            #expect(Self.exists(folder + match.1), "\(document) links to \(match.1)")
        }
    }

    @Test(arguments: documents) func targetsOfMakeExist(_ document: String) throws {
        let text = try String(contentsOf: Sources.top.appending(path: document), encoding: .utf8)
        let makefile = try String(contentsOf: Sources.top.appending(path: "Makefile"), encoding: .utf8)
        for match in text.matches(of: /`make ([a-z]+)`/) {
            #expect(makefile.contains("\n\(match.1):"), "\(document) names make \(match.1)")
        }
    }
}
