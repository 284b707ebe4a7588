import Foundation
import TestSupport
import Testing

/// Who may import whom. Nothing imports sideways or upwards.
@Suite struct LayeringTests {
    /// The modules of this package that each folder of `Sources` may import.
    private static let allowed: [String: Set<String>] = [
        "CZstd": [], "CXXHash": [], "CZlib": [], "CPNG": [], "CJPEG": [], "CKernels": [], "CSystem": [],
        "Threads": ["CSystem"],
        "Kernels": ["DalleThreads", "CKernels"],
        "Format": ["DalleThreads", "CSystem", "CZstd", "CXXHash"],
        "Models": ["DalleFormat"],
        "Text": ["DalleFormat", "DalleModels"],
        "Convert": ["DalleFormat", "DalleModels", "DalleThreads", "CZlib", "Yams"],
        "Quant": ["DalleFormat", "DalleModels", "DalleKernels", "DalleThreads"],
        "Runtime": [
            "DalleFormat", "DalleModels", "DalleText", "DalleKernels", "DalleThreads", "CPNG", "CJPEG", "CZlib",
        ],
        "Verification": ["DalleFormat", "DalleModels", "DalleConvert", "DalleRuntime", "DalleThreads"],
        "CommandSupport": ["DalleFormat", "DalleThreads", "CSystem", "ArgumentParser"],
        "dalle-convert": ["DalleConvert", "DalleModels", "DalleFormat", "CommandSupport", "ArgumentParser"],
        "dalle-quant": [
            "DalleQuant", "DalleVerification", "DalleRuntime", "DalleKernels", "DalleFormat", "CommandSupport",
            "ArgumentParser",
        ],
        "dalle-run": [
            "DalleRuntime", "DalleVerification", "DalleModels", "DalleFormat", "DalleKernels", "CommandSupport",
            "ArgumentParser",
        ],
    ]

    /// Modules of the system and the standard library, and the folders that may use them.
    private static let system: Set<String> = ["Darwin", "Glibc", "Musl", "Dispatch", "Synchronization"]
    private static let foundation: Set<String> = ["Foundation", "FoundationEssentials"]
    private static let withoutFoundation: Set<String> = ["Threads", "Kernels", "Format", "Models", "Quant"]

    private static let sources = Fixtures.directory.deletingLastPathComponent().appending(path: "Sources")

    private static func swiftFiles(_ folder: String) throws -> [URL] {
        let files = FileManager.default.enumerator(at: sources.appending(path: folder), includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
    }

    private static func imports(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").filter {
                !["public", "package", "internal", "private"].contains($0)
            }
            return words.first == "import" ? words.dropFirst().first.map(String.init) : nil
        }
    }

    @Test func everyFolderHasARule() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        #expect(Set(folders) == Set(Self.allowed.keys))
    }

    @Test(arguments: allowed.keys.sorted())
    func importsPointOneWay(_ folder: String) throws {
        var allowed = try #require(Self.allowed[folder]).union(Self.system)
        if !Self.withoutFoundation.contains(folder) { allowed.formUnion(Self.foundation) }
        for file in try Self.swiftFiles(folder) {
            for module in try Self.imports(file) {
                #expect(allowed.contains(module), "\(folder)/\(file.lastPathComponent) imports \(module)")
            }
        }
    }

    /// A file has one subject.
    @Test func filesStayShort() throws {
        for folder in Self.allowed.keys.sorted() {
            for file in try Self.swiftFiles(folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
                #expect(lines <= 400, "\(file.lastPathComponent) has \(lines) lines")
            }
        }
    }

    @Test func libraryCodeDoesNotTrapOnPurpose() throws {
        for folder in ["Threads", "Format", "Convert", "Quant", "Kernels", "Runtime", "Verification"] {
            for file in try Self.swiftFiles(folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for word in ["fatalError(", "try!", "as!"] {
                    #expect(!text.contains(word), "\(folder)/\(file.lastPathComponent) uses \(word)")
                }
            }
        }
    }
}
