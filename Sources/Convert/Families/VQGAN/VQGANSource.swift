import DalleFormat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The files of a VQGAN, found from one of them or from their directory.
struct VQGANSource: Equatable {
    let checkpoint: String
    /// taming-transformers' `model.yaml` or vqgan-jax's `config.json`.
    let configuration: String?

    var all: [String] { [checkpoint] + (configuration.map { [$0] } ?? []) }

    private static let checkpointEndings = [".ckpt", ".pt", ".pth", ".bin", ".safetensors", ".msgpack"]

    /// - Throws: `missingInput` when there is no checkpoint, `usage` when there are several.
    init(_ source: String, configuration: String?) throws(DalleError) {
        switch PathKind(source) {
        case .directory: checkpoint = try Self.onlyCheckpoint(in: source)
        case .file, .other: checkpoint = source
        case .nothing: throw DalleError(.missingInput, "there is no such file or directory", file: source)
        }
        self.configuration = configuration ?? Self.configuration(beside: checkpoint)
    }

    private static func onlyCheckpoint(in directory: String) throws(DalleError) -> String {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw DalleError(.missingInput, "cannot be listed", file: directory)
        }
        let checkpoints = names.filter { name in checkpointEndings.contains { name.hasSuffix($0) } }
        guard let first = checkpoints.first else {
            throw DalleError(
                .missingInput, "holds no checkpoint: no file ends in \(checkpointEndings.joined(separator: ", "))",
                file: directory)
        }
        guard checkpoints.count == 1 else {
            throw DalleError(
                .usage, "holds \(checkpoints.count) checkpoints: \(checkpoints.prefix(4).joined(separator: ", "))",
                remedy: "Name one of them", file: directory)
        }
        return directory + "/" + first
    }

    /// A configuration under one of the names that upstream gives it, or the checkpoint's own.
    private static func configuration(beside checkpoint: String) -> String? {
        let slash = checkpoint.lastIndex(of: "/")
        let directory = slash.map { String(checkpoint[...$0]) } ?? ""
        let name = slash.map { String(checkpoint[checkpoint.index(after: $0)...]) } ?? checkpoint
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let yaml = [stem + ".yaml", "model.yaml", "config.yaml"]
        let names =
            name.hasSuffix(".msgpack")
            ? ["config.json"] : yaml + (name.hasSuffix(".safetensors") ? ["config.json"] : [])
        return names.map { directory + $0 }.first { PathKind($0) == .file }
    }
}
