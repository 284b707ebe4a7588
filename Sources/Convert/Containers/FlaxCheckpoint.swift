import DalleFormat

/// The arrays of a Flax checkpoint: one `flax_model.msgpack`, or shards under a `flax_model.msgpack.index.json`.
///
/// Encoding: flax.serialization's `msgpack_serialize` (flax 0.6.3) and transformers' `save_pretrained` (4.25.1).
struct FlaxCheckpoint {
    static let fileName = "flax_model.msgpack"
    static let indexName = "flax_model.msgpack.index.json"

    /// Arrays by their path in the tree, joined with "/".
    let tensors: [String: ForeignTensor]
    /// The files they lie in.
    let files: [MappedFile]

    /// Opens a checkpoint file, an index of shards, or a directory with either.
    ///
    /// - Throws: `missingInput` when a file is not there, `badData` when one is damaged or no Flax checkpoint.
    init(_ source: String) throws(DalleError) {
        let path = try FlaxCheckpoint.locate(source)
        if path.hasSuffix(".index.json") {
            (tensors, files) = try FlaxCheckpoint.shards(path)
        } else {
            let file = try MappedFile(path)
            tensors = try FlaxTree(file).tensors
            files = [file]
        }
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

    private static func shards(_ index: String) throws(DalleError) -> ([String: ForeignTensor], [MappedFile]) {
        guard case .object(let map)? = try JSONFile.decode([String: JSONValue].self, index)["weight_map"] else {
            throw DalleError(.badData, "the index of shards has no 'weight_map'", file: index)
        }
        let directory = index.lastIndex(of: "/").map { String(index[...$0]) } ?? ""
        var fileOfTensor: [String: String] = [:]
        for (tensor, value) in map {
            guard case .text(let name) = value, !name.isEmpty, !name.contains("/") else {
                throw DalleError(.badData, "its shard is \(value), expected a file name", file: index, item: tensor)
            }
            fileOfTensor[tensor] = name
        }
        var tensors: [String: ForeignTensor] = [:]
        var files: [MappedFile] = []
        for name in Set(fileOfTensor.values).sorted() {
            let file = try MappedFile(directory + name)
            files.append(file)
            for (tensor, array) in try FlaxTree(file).tensors {
                guard fileOfTensor[tensor] == name else {
                    throw DalleError(
                        .badData, "the index of shards puts it into \(fileOfTensor[tensor] ?? "no file")",
                        file: file.path, item: tensor)
                }
                tensors[tensor] = array
            }
        }
        if let missing = fileOfTensor.keys.sorted().first(where: { tensors[$0] == nil }) {
            throw DalleError(
                .badData, "is not in the shard that the index names",
                remedy: "Get the shards again, all from one release", file: directory + (fileOfTensor[missing] ?? ""),
                item: missing)
        }
        return (tensors, files)
    }
}
