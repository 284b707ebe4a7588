import Foundation
import TestSupport
import Testing

/// Who may import whom. The manifest says what each target depends on; here it is held to the layers, and the code to it.
@Suite struct LayeringTests {
    /// From the bottom. A target depends on targets of lower layers only, neither sideways nor upwards.
    private static let layers: [Set<String>] = [
        ["CZstd", "CXXHash", "CZlib", "CPNG", "CJPEG", "CKernels", "CSystem", "Yams"],
        ["DalleThreads"],
        ["DalleFormat"],
        ["DalleKernels", "DalleModels"],
        ["DalleText"],
        // They meet in the file, at the names of tensors.
        ["DalleConvert", "DalleQuant", "DalleRuntime"],
        ["DalleVerification", "ArgumentParser"],
        ["CommandSupport"],
        ["dalle-convert", "dalle-quant", "dalle-run"],
    ]

    /// What only some of those above may use.
    private static let reserved: [String: Set<String>] = [
        "CKernels": ["DalleKernels"],
        "DalleKernels": ["DalleQuant", "DalleRuntime", "dalle-quant", "dalle-run"],
        "CSystem": ["DalleThreads", "DalleFormat", "CommandSupport"],
    ]

    /// Modules of the system and the standard library, for all.
    private static let system: Set<String> = ["Darwin", "Glibc", "Musl", "Dispatch", "Synchronization"]
    private static let foundation: Set<String> = ["Foundation", "FoundationEssentials"]
    /// Folders that do without Foundation, which is larger than all of them.
    private static let withoutFoundation: Set<String> = ["Threads", "Kernels", "Format", "Models", "Quant"]

    private static let manifest = Result { try Manifest() }

    private static func targets() throws -> [Manifest.Target] { try manifest.get().targets }

    private static func sourceTargets() throws -> [Manifest.Target] {
        try targets().filter { $0.folder.hasPrefix("Sources/") }
    }

    @Test func everyFolderHasATarget() throws {
        let folders = Set(try Self.targets().map(\.folder))
        #expect(folders.filter { $0.hasPrefix("Sources/") } == (try Sources.folders("Sources")))
        #expect(folders.filter { $0.hasPrefix("Tests/") } == (try Sources.folders("Tests")))
    }

    @Test func dependenciesPointDown() throws {
        let ranks = Self.layers.enumerated().flatMap { rank, names in names.map { ($0, rank) } }
        let rank = Dictionary(uniqueKeysWithValues: ranks)
        let names = Set(try Self.sourceTargets().map(\.name))
        #expect(names == Set(rank.keys).subtracting(["Yams", "ArgumentParser"]))
        for target in try Self.sourceTargets() {
            for dependency in target.dependencies {
                let lies = try #require(
                    rank[dependency], "\(dependency), which \(target.name) depends on, has no layer")
                #expect(lies < rank[target.name] ?? 0, "\(target.name) depends on \(dependency)")
                let users = Self.reserved[dependency]
                #expect(users?.contains(target.name) ?? true, "\(target.name) depends on \(dependency)")
            }
        }
    }

    /// Every dependency is imported, and every import is of a dependency: of all targets, tests and benchmarks too.
    @Test func importsAreTheDependencies() throws {
        for target in try Self.targets() {
            var others = Self.system
            if !Self.withoutFoundation.contains(where: { target.folder == "Sources/\($0)" }) {
                others.formUnion(Self.foundation)
            }
            if target.folder.hasPrefix("Tests/") { others.insert("Testing") }
            var imported: Set<String> = []
            for file in Sources.files(target.folder) {
                for module in try Sources.imports(file) where !others.contains(module) {
                    imported.insert(module)
                    let place = "\(target.folder)/\(file.lastPathComponent)"
                    #expect(target.dependencies.contains(module), "\(place) imports \(module)")
                }
            }
            let modules = Set(try Self.targets().map(\.name))
            for file in Sources.files(target.folder, ["c", "h", "inc"]) {
                imported.formUnion(try Sources.imports(file).filter(modules.contains))
            }
            let unused = target.dependencies.subtracting(imported).sorted()
            #expect(unused.isEmpty, "\(target.name) depends on \(unused), and imports nothing of it")
        }
    }

    /// A file has one subject.
    @Test func filesStayShort() throws {
        for target in try Self.sourceTargets() {
            for file in Sources.files(target.folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
                #expect(lines <= 400, "\(file.lastPathComponent) has \(lines) lines")
            }
        }
    }

    @Test func codeDoesNotTrapOnPurpose() throws {
        for target in try Self.sourceTargets() {
            for file in Sources.files(target.folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for word in ["fatalError(", "try!", "as!"] {
                    #expect(!text.contains(word), "\(target.folder)/\(file.lastPathComponent) uses \(word)")
                }
            }
        }
    }
}
