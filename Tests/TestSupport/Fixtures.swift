public import Foundation

/// Files under `fixtures/` at the top of the package.
public enum Fixtures {
    public static let directory: URL = {
        // Tests/TestSupport/Fixtures.swift
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "fixtures")
    }()

    /// The path of a fixture, given from `fixtures/`.
    public static func path(_ name: String) -> String { directory.appending(path: name).path }

    public static func data(_ name: String) throws -> Data { try Data(contentsOf: directory.appending(path: name)) }
}

/// A directory that is removed with everything in it when the object goes.
public final class TemporaryDirectory {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "dalle-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    public func path(_ name: String) -> String { url.appending(path: name).path }

    /// Names of what is in it.
    public var contents: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
}
