import DalleFormat

/// The list that Hugging Face's libraries write beside a checkpoint cut into several files.
enum ShardIndex {
    static let ending = ".index.json"

    /// The tensors of all shards; each must lie in the shard that the index names, and only there.
    ///
    /// - Parameter open: the tensors of one shard.
    static func read(
        _ index: String, _ open: (MappedFile) throws(DalleError) -> [String: CheckpointTensor]
    ) throws(DalleError) -> (tensors: [String: CheckpointTensor], files: [String]) {
        guard case .object(let map)? = try JSONFile.object(index)["weight_map"] else {
            throw DalleError(.badData, "the index of shards has no 'weight_map'", file: index)
        }
        let directory = index.lastIndex(of: "/").map { String(index[...$0]) } ?? ""
        var fileOfTensor: [String: String] = [:]
        for (tensor, value) in map {
            // By bytes: a combining mark makes another character of the stroke before it. An index of indices, or of
            // itself, would have no end.
            guard case .text(let name) = value, !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")),
                !name.utf8.contains(0), !name.hasSuffix(ending)
            else {
                throw DalleError(
                    .badData, "its shard is \(value), expected a file name, and of no index", file: index,
                    item: tensor)
            }
            fileOfTensor[tensor] = name
        }
        var tensors: [String: CheckpointTensor] = [:]
        let names = Set(fileOfTensor.values).sorted()
        for name in names {
            let file = try MappedFile(directory + name)
            for (tensor, array) in try open(file) {
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
        return (tensors, [index] + names.map { directory + $0 })
    }
}
