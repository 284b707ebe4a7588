public import DalleFormat
import DalleModels

/// Writes a model file's parts as safetensors with a config.json, for other programs, and to come back from.
///
/// `ExportedModel` reads what this writes; nothing is lost, so that a model converted again has the same content.
public struct ModelExport: Sendable {
    static let configurationName = "config.json"
    /// What `model_type` in config.json says.
    static let modelType = "swift-dalle"
    static let version = 1

    private let file: ModelFile
    private let tokenizers: [TokenizerExport]

    /// - Throws: `badData` when a part has a name that no file can have, or a tensor belongs to no part.
    public init(_ file: ModelFile) throws(DalleError) {
        self.file = file
        var count = 0
        for component in file.components {
            guard component.name.utf8.allSatisfy(Self.isPlain), !component.name.isEmpty else {
                throw DalleError(
                    .badData, "is no name for a file", file: file.path, item: component.name)
            }
            count += file.tensors(of: component).count
        }
        guard count == file.tensors.count else {
            throw DalleError(.badData, "\(file.tensors.count - count) tensors belong to no part", file: file.path)
        }
        var tokenizers: [TokenizerExport] = []
        for kind in [Component.Kind.byteLevelBPE, .clipBPE] {
            if let tables = try TokenizerTables(file, kind: kind) { tokenizers.append(TokenizerExport(tables)) }
        }
        self.tokenizers = tokenizers
    }

    /// Bytes of all tensors.
    public var byteCount: Int { file.tensors.reduce(0) { $0 + $1.plainByteCount } }

    /// What is written, as paths inside the directory.
    public var fileNames: [String] {
        file.components.filter { !file.tensors(of: $0).isEmpty }.map { Self.fileName($0) }
            + tokenizers.flatMap(\.files).map(\.name) + [Self.configurationName]
    }

    static func fileName(_ component: Component) -> String { "\(component.name).safetensors" }

    /// Writes everything into a directory, which is made; config.json, without which it is no model, comes last.
    ///
    /// - Parameters:
    ///   - replacing: Files that are there already may be replaced.
    ///   - progress: called with the number of tensor bytes done since the last call.
    /// - Throws: `badData` when a tensor is damaged or has a layout that is not known; `cannotWrite`, also where a file of
    ///   the model is to be written over.
    public func write(
        to directory: String, replacing: Bool, threads: Int, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try check(directory, replacing: replacing)
        var directories = NewDirectories()
        defer { directories.removeEmpty() }
        for path in [directory] + tokenizers.map({ "\(directory)/\($0.directory)" }) { try directories.make(path) }
        for component in file.components {
            let tensors = file.tensors(of: component)
            guard !tensors.isEmpty else { continue }
            try SafetensorsWriter(file, tensors).write(
                to: "\(directory)/\(Self.fileName(component))", replacing: replacing, threads: threads,
                progress: progress)
        }
        try file.requireUnchanged()
        for text in tokenizers.flatMap(\.files) + [(Self.configurationName, configuration)] {
            let output = try AtomicFile("\(directory)/\(text.name)", replacing: replacing)
            try output.append(Array(text.content.utf8))
            try output.commit()
        }
    }

    /// Whether a directory can take all files, before anything is written.
    ///
    /// - Throws: `cannotWrite` as `write`.
    public func check(_ directory: String, replacing: Bool) throws(DalleError) {
        var claims = OutputClaims(replacing: replacing)
        for name in fileNames { try claims.add("\(directory)/\(name)", makingDirectory: true) }
    }

    private var configuration: String {
        let parts: [MetadataValue] = file.components.map {
            [
                "name": .text($0.name), "kind": .text($0.kind.rawValue), "configuration": .map($0.configuration),
                "tensors": .list(file.tensors(of: $0).map { .text($0.name) }),
            ]
        }
        let all = MetadataMap([
            "model_type": .text(Self.modelType), "version": .integer(Self.version),
            "content": .text(file.content.description), "parts": .list(parts),
            "provenance": .map(Provenance(file.metadata).metadata),
        ])
        return MetadataValue.map(all).json(indentation: 0) + "\n"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
