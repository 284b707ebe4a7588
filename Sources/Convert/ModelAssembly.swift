public import DalleFormat

/// Writes imported parts into one model file.
public struct ModelAssembly: Sendable {
    /// The type that floating-point weights are written in.
    public enum WeightType: String, CaseIterable, Sendable {
        case keep, float32, float16, bfloat16
    }

    public var weightType = WeightType.keep
    public var compression = Compression.zstd(level: 3)
    public var replacesExisting = false
    public var threads = 1

    public init() {}

    /// Writes `parts` to `path`, which gets its name when it is whole.
    ///
    /// - Parameters:
    ///   - step: What is done, for the file's provenance.
    ///   - progress: called with the number of tensor bytes done since the last call.
    /// - Returns: The size of the file written.
    /// - Throws: `badData` when a source is damaged, `cannotWrite` when the file cannot be written.
    public func write(
        _ parts: [ImportedPart], to path: String, step: String, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> Int {
        let writer = try ModelFileWriter(path, replacing: replacesExisting, threads: threads)
        let digests = FileDigests(parts.flatMap(\.files))
        for part in parts {
            for tensor in part.tensors {
                let packing = tensor.isReadRepeatedly ? Compression.none : compression
                do throws(DalleError) {
                    if let dtype = target(tensor) {
                        try writer.add(
                            tensor.name, CastSource(tensor.source, to: dtype), compression: packing,
                            progress: progress)
                    } else {
                        try writer.add(tensor.name, tensor.source, compression: packing, progress: progress)
                    }
                } catch {
                    throw error.located(file: part.files.first)
                }
            }
        }
        var provenance = Provenance()
        for source in try digests.sources() { provenance.add(source) }
        provenance.add(
            Provenance.Step(
                step,
                options: MetadataMap([
                    "dtype": .text(weightType.rawValue), "compress": .text(compression.description),
                    "parts": .list(parts.map { .text($0.component.name) }),
                ])))
        try writer.finish(metadata: provenance.metadata, components: parts.map(\.component))
        return writer.byteCount
    }

    /// Bytes that all tensors take before compression.
    public func byteCount(_ parts: [ImportedPart]) -> Int {
        parts.lazy.flatMap(\.tensors).reduce(0) {
            $0 + $1.source.shape.byteCount(target($1) ?? $1.source.dtype)
        }
    }

    /// The type a tensor is converted to, if it is.
    private func target(_ tensor: ImportedPart.Tensor) -> DType? {
        let dtype: DType? =
            switch weightType {
            case .keep: nil
            case .float32: .float32
            case .float16: .float16
            case .bfloat16: .bfloat16
            }
        return tensor.isWeight && dtype != tensor.source.dtype ? dtype : nil
    }
}
