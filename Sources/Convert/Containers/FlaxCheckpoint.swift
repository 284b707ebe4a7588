import DalleFormat

/// The arrays of a Flax checkpoint: one `flax_model.msgpack`, or shards under a `flax_model.msgpack.index.json`.
///
/// Encoding: flax.serialization's `msgpack_serialize` (flax 0.6.3) and transformers' `save_pretrained` (4.25.1).
struct FlaxCheckpoint {
    static let fileName = "flax_model.msgpack"
    static let indexName = "flax_model.msgpack.index.json"

    /// Arrays by their path in the tree, joined with "/"; in safetensors as the file has them.
    let tensors: [String: CheckpointTensor]
    /// What lies beside the arrays.
    let others: [String]
    /// The files they lie in, with the index of shards if there is one.
    let files: [String]

    /// Opens a checkpoint file, an index of shards, or a directory with either.
    ///
    /// - Throws: `missingInput` when a file is not there, `badData` when one is damaged or no Flax checkpoint.
    init(_ source: String) throws(DalleError) {
        let path = try FlaxCheckpoint.locate(source)
        if path.hasSuffix(ShardIndex.ending) {
            var others: [String] = []
            (tensors, files) = try ShardIndex.read(path) { file throws(DalleError) in
                let shard = try Self.arrays(file)
                others += shard.others
                return shard.tensors
            }
            self.others = others
        } else {
            (tensors, others) = try Self.arrays(try MappedFile(path))
            files = [path]
        }
    }

    private static func arrays(
        _ file: MappedFile
    ) throws(DalleError) -> (tensors: [String: CheckpointTensor], others: [String]) {
        guard Checkpoint.container(file.bytes) != .safetensors else {
            return (try SafetensorsFile(file).tensors, [])
        }
        let tree = try FlaxTree(file)
        return (tree.tensors, tree.others)
    }

    private static func locate(_ source: String) throws(DalleError) -> String {
        switch PathKind(source) {
        case .file, .other:
            return source
        case .directory:
            for name in [fileName, indexName] where PathKind("\(source)/\(name)") == .file {
                return "\(source)/\(name)"
            }
            throw DalleError(
                .missingInput, "the directory holds neither \(fileName) nor \(indexName)",
                remedy: "Name the checkpoint file itself if it is called otherwise", file: source)
        case .nothing:
            throw DalleError(.missingInput, "there is no such file or directory", file: source)
        }
    }
}
