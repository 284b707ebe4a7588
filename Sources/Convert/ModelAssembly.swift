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
    /// Writes infinities and NaNs as they are, instead of refusing them.
    public var allowsNonFinite = false

    public init() {}

    /// Writes `parts` to `path`, which gets its name when it is whole.
    ///
    /// - Parameters:
    ///   - step: What is done, for the file's provenance.
    ///   - note: called with what a change of type has cost, to be printed.
    ///   - progress: called with the number of tensor bytes done since the last call.
    /// - Returns: The size of the file written.
    /// - Throws: `badData` when a source is damaged, has been written to since it was opened, or holds a number that is
    ///   none or does not fit its new type, with tensor, row and value; `cannotWrite` when the file cannot be written.
    public func write(
        _ parts: [ImportedComponent], to path: String, step: String, note: (String) -> Void = { _ in },
        progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> Int {
        let writer = try ModelFileWriter(path, replacing: replacesExisting, threads: threads)
        let digests = FileDigests(parts.flatMap(\.files))
        var zeros = VanishedNumbers()
        for part in parts {
            for tensor in part.tensors {
                let packing = tensor.isReadRepeatedly ? Compression.none : compression
                do throws(DalleError) {
                    if let dtype = target(tensor) {
                        let source = try CastSource(
                            tensor.source, to: dtype, allowsNonFinite: allowsNonFinite, remedy: Self.remedy)
                        try writer.add(tensor.name, source, compression: packing, progress: progress)
                        zeros.add(source.vanished, of: tensor.name, source.shape.count, in: dtype.rawValue)
                    } else {
                        try writer.add(tensor.name, tensor.source, compression: packing, progress: progress)
                    }
                } catch {
                    throw error.located(file: part.files.first)
                }
            }
        }
        zeros.notes.forEach(note)
        var provenance = Provenance()
        for source in try digests.sources() { provenance.add(source) }
        for part in parts { try part.watch?.check() }
        var options = MetadataMap([
            "dtype": .text(weightType.rawValue), "compress": .text(compression.description),
            "parts": .list(parts.map { .text($0.component.name) }),
        ])
        if allowsNonFinite { options["allow_nonfinite"] = true }
        provenance.add(Provenance.Step(step, options: options))
        try writer.finish(metadata: provenance.metadata, components: parts.map(\.component))
        return writer.byteCount
    }

    private static func remedy(_ fault: NumberFault) -> String {
        let cure =
            switch fault.overflowed {
            case .float16: "Use --dtype bfloat16 or float32"
            case .bfloat16: "Use --dtype float32"
            default: "The checkpoint is damaged"
            }
        return "\(cure); --allow-nonfinite writes it all the same"
    }

    /// What is to be said of the types that weights get before any is read.
    public func notes(_ parts: [ImportedComponent]) -> [String] {
        let wide = parts.flatMap(\.tensors).filter { $0.source.dtype == .float64 }
        guard let first = wide.first else { return [] }
        let type = target(first)?.rawValue ?? ""
        return [
            "\(wide.count) tensors of float64 become \(type), '\(first.name)' the first: nothing computes in float64"
        ]
    }

    /// Bytes that all tensors take before compression.
    public func byteCount(_ parts: [ImportedComponent]) -> Int {
        parts.lazy.flatMap(\.tensors).reduce(0) {
            $0 + $1.source.shape.byteCount(target($1) ?? $1.source.dtype)
        }
    }

    /// The type of floating-point numbers as they are written, which are checked; nil of everything else.
    private func target(_ tensor: ImportedComponent.Tensor) -> DType? {
        guard tensor.isWeight, tensor.source.dtype.isFloatingPoint else { return nil }
        return switch weightType {
        // NumPy makes it of float32 by accident, and nothing here computes in it.
        case .keep: tensor.source.dtype == .float64 ? .float32 : tensor.source.dtype
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        }
    }
}
