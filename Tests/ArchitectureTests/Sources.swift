import Foundation
import TestSupport

/// The files of this package.
enum Sources {
    static let top = Fixtures.directory.deletingLastPathComponent()

    /// Files below a folder, given from the top, whose names end in one of these.
    static func files(_ folder: String, _ extensions: Set<String> = ["swift"]) -> [URL] {
        let files = FileManager.default.enumerator(at: top.appending(path: folder), includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { extensions.contains($0.pathExtension) }
    }

    /// The folders in a folder.
    static func folders(_ folder: String) throws -> Set<String> {
        let contents = try FileManager.default.contentsOfDirectory(
            at: top.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey])
        return Set(contents.filter { $0.hasDirectoryPath }.map { "\(folder)/\($0.lastPathComponent)" })
    }

    /// The modules that a file imports: of C, the headers that it includes by their module's name.
    static func imports(_ file: URL) throws -> [String] {
        let text = try String(contentsOf: file, encoding: .utf8)
        let pattern =
            /^[ \t]*(?:(?:@\w+|public|package|internal|fileprivate|private)\s+)*import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)/
            .anchorsMatchLineEndings()
        let include = /^#include [<"](?:\w+\/)*(\w+)\.h[>"]/.anchorsMatchLineEndings()
        return file.pathExtension == "swift"
            ? text.matches(of: pattern).map { String($0.1) } : text.matches(of: include).map { String($0.1) }
    }
}
