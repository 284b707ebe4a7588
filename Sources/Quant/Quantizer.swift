public import DalleFormat

/// Rewrites a model file with its weights in fewer bits.
public struct Quantizer: Sendable {
    /// What becomes of one tensor.
    public struct Change: Sendable {
        public let tensor: TensorDescriptor
        /// The new type; nil when it stays.
        public let dtype: DType?

        public var byteCount: Int { tensor.shape.byteCount(dtype ?? tensor.dtype) }
    }

    public let file: ModelFile
    public let scheme: any QuantizationScheme
    /// What becomes of every tensor, in file order.
    public let plan: [Change]

    public init(_ file: ModelFile, _ scheme: any QuantizationScheme) {
        self.file = file
        self.scheme = scheme
        plan = file.tensors.map { Change(tensor: $0, dtype: scheme.target($0)) }
    }

    /// Writes the new file; what was compressed is compressed again.
    ///
    /// - Parameter progress: called with the number of tensor bytes done since the last call.
    /// - Returns: The size of the file written.
    public func write(
        to path: String, compression: Compression, replacing: Bool, threads: Int, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> Int {
        let writer = try ModelFileWriter(path, replacing: replacing, threads: threads)
        for change in plan {
            let source = try ModelFileSource(file, change.tensor.name)
            let packing = change.tensor.isStored ? Compression.none : compression
            if let dtype = change.dtype {
                try writer.add(
                    change.tensor.name, CastSource(source, to: dtype), compression: packing, progress: progress)
            } else {
                try writer.add(change.tensor.name, source, compression: packing, progress: progress)
            }
        }
        var provenance = Provenance(file.metadata)
        provenance.add(
            Provenance.Step("quantize \(scheme.name)", options: MetadataMap(["root": .text(file.rootDigest)])))
        var metadata = file.metadata
        for (name, value) in provenance.metadata.values { metadata[name] = value }
        try writer.finish(metadata: metadata, components: file.components)
        return writer.byteCount
    }
}
