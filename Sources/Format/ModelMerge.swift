/// Puts the parts of several model files into one, chunk by chunk as they are.
public struct ModelMerge: Sendable {
    public let files: [ModelFile]
    /// The parts of the result, in the order of the files.
    public let components: [Component]
    /// Takes infinities and NaNs along, instead of refusing them.
    public var allowsNonFinite = false
    /// The tensors of the result and the files they come from.
    private let tensors: [(file: ModelFile, tensor: TensorDescriptor)]

    /// - Throws: `usage` when two files hold different parts of the same name or kind, naming the part; what is the
    ///   same in both is taken once.
    public init(_ files: [ModelFile]) throws(DalleError) {
        self.files = files
        var taken: [(file: ModelFile, component: Component)] = []
        var tensors: [(file: ModelFile, tensor: TensorDescriptor)] = []
        for file in files {
            for component in file.components {
                let rival = taken.first { $0.component.name == component.name || $0.component.kind == component.kind }
                guard let rival else {
                    taken.append((file, component))
                    tensors += file.tensors(of: component).map { (file, $0) }
                    continue
                }
                guard rival.component == component,
                    Self.content(rival.file, component) == Self.content(file, component)
                else {
                    throw DalleError(
                        .usage,
                        "holds another \(component.kind) than \(rival.file.path), and a model has one",
                        remedy: "Leave one of the files out", file: file.path, item: component.name)
                }
            }
            let owned = Set(file.components.flatMap { file.tensors(of: $0).map(\.name) })
            if let stray = file.tensors.first(where: { !owned.contains($0.name) }) {
                throw DalleError(.badData, "belongs to no part", file: file.path, item: stray.name)
            }
        }
        components = taken.map(\.component)
        self.tensors = tensors
    }

    /// Bytes of all tensors as they are stored.
    public var storedByteCount: Int { tensors.reduce(0) { $0 + $1.tensor.storedByteCount } }

    /// Writes the file; every chunk is checked on the way, and every number.
    ///
    /// - Throws: `badData` when a file is damaged or has been written to since it was opened, or holds a number that is
    ///   none; `cannotWrite`.
    /// - Parameter progress: called with the number of stored bytes done since the last call.
    /// - Returns: The size of the file written.
    public func write(
        to path: String, replacing: Bool, threads: Int, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> Int {
        let writer = try ModelFileWriter(path, replacing: replacing, threads: threads)
        for (file, tensor) in tensors {
            if !allowsNonFinite { try file.requireFinite(tensor, threads: threads) }
            try writer.copy(tensor, from: file, progress: progress)
        }
        for file in files { try file.requireUnchanged() }
        var provenance = Provenance()
        var inputs: [MetadataValue] = []
        for file in files {
            provenance.add(Provenance(file.metadata))
            let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
            inputs.append(["name": .text(name), "root": .text(file.rootDigest)])
        }
        provenance.add(Provenance.Step("merge", options: MetadataMap(["files": .list(inputs)])))
        try writer.finish(metadata: provenance.metadata, components: components)
        return writer.byteCount
    }

    private static func content(_ file: ModelFile, _ component: Component) -> [String: Digest] {
        Dictionary(uniqueKeysWithValues: file.tensors(of: component).map { ($0.name, $0.digest) })
    }
}
