import DalleFormat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a checkpoint is of, for whoever has not said it: told by its tensors, not by its name.
public enum SourceKind: Sendable, Equatable {
    case flax, minDalle, vqgan, clip
    /// A file of this package.
    case modelFile
    /// The settings of a VQGAN, which lie beside its checkpoint.
    case settings

    /// - Parameter source: A file, or the directory that holds it.
    /// - Returns: nil when it is none of these, or too damaged to be recognised.
    public init?(_ source: String) {
        switch PathKind(source) {
        case .nothing, .other: return nil
        case .file: self.init(file: source)
        case .directory:
            if (try? ExportedModel.read(source)).flatMap({ $0 }) != nil {
                self = .flax
                return
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? []
            let found = names.sorted().filter(Self.isCheckpoint).prefix(Self.maximumFiles)
            guard let kind = found.lazy.compactMap({ SourceKind(file: "\(source)/\($0)") }).first else { return nil }
            self = kind
        }
    }

    private static let maximumFiles = 8
    private static let endings = [
        ".msgpack", ".safetensors", ".pt", ".pth", ".ckpt", ".bin", ShardIndex.ending,
    ]

    private static func isCheckpoint(_ name: String) -> Bool { endings.contains { name.hasSuffix($0) } }

    private init?(file: String) {
        if [".yaml", ".yml"].contains(where: { file.lowercased().hasSuffix($0) }) {
            self = .settings
            return
        }
        guard let mapped = try? MappedFile(file) else { return nil }
        if FileSignature.isModelFile(mapped.bytes) {
            self = .modelFile
            return
        }
        guard let tensors = try? Checkpoint(file).tensors else { return nil }
        let layouts: [(SourceKind, [ModelTensors.Layout])] = [
            (.flax, [DalleBartImport.layout]), (.vqgan, VQGANTensorSet.layouts),
            (.clip, OpenAICLIP.layouts + HuggingFaceCLIP.layouts), (.minDalle, [MinDalleImport.layout]),
        ]
        guard let kind = layouts.first(where: { Self.holds($0.1, tensors) })?.0 else { return nil }
        self = kind
    }

    private static func holds(_ layouts: [ModelTensors.Layout], _ tensors: [String: CheckpointTensor]) -> Bool {
        do throws(DalleError) {
            return try ModelTensors(in: tensors, layouts) != nil
        } catch {
            // Several of them.
            return error.code == .usage
        }
    }
}
