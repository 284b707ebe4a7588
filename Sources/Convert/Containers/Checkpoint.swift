import DalleFormat

/// The tensors of a checkpoint, whichever container it is in; that is told by its first bytes, not by its name.
struct Checkpoint {
    enum Container { case torch, flax, safetensors }

    let container: Container
    /// Those of other entries than the state dictionary have the entry's name in front.
    let tensors: [String: CheckpointTensor]
    /// What the file calls the dictionary of the tensors that have nothing in front.
    var top = ""
    let files: [String]
    /// What stands under a tensor's name in a PyTorch file and cannot be read.
    let unreadable: [String: UnreadableTensor]
    /// What lies beside the tensors.
    let otherEntries: [String]

    /// - Parameter path: a file of tensors, or the index of its shards.
    /// - Throws: `missingInput` when a file is not there, `badData` when one is damaged or of no kind that is known.
    init(_ path: String) throws(DalleError) {
        if path.hasSuffix(ShardIndex.ending) {
            var (container, others) = (Container.torch, [String]())
            var unreadable: [String: UnreadableTensor] = [:]
            (tensors, files) = try ShardIndex.read(path) { file throws(DalleError) in
                let shard = try Checkpoint(file.path)
                container = shard.container
                others += shard.otherEntries
                unreadable.merge(shard.unreadable) { first, _ in first }
                return shard.tensors
            }
            (self.container, self.unreadable, otherEntries) = (container, unreadable, others)
            return
        }
        let file = try MappedFile(path)
        files = [path]
        container = Self.container(file.bytes)
        switch container {
        case .safetensors:
            (tensors, unreadable, otherEntries) = (try SafetensorsFile(file).tensors, [:], [])
        case .flax:
            let tree = try FlaxTree(file)
            (tensors, unreadable, otherEntries) = (tree.tensors, [:], tree.others)
        case .torch:
            let checkpoint = try TorchCheckpoint(path)
            top = checkpoint.stateName
            tensors = checkpoint.tensors.merging(checkpoint.otherTensors) { own, _ in own }
            unreadable = checkpoint.unreadable.merging(checkpoint.unreadableOthers) { own, _ in own }
            otherEntries =
                checkpoint.otherEntries.filter { entry in
                    !checkpoint.otherTensors.keys.contains { $0.hasPrefix(entry + ".") }
                } + checkpoint.unreadable.filter(\.value.isTensor).keys.sorted()
        }
    }

    /// What is of no kind is taken for PyTorch's, whose reader says what it is instead.
    static func container(_ bytes: Span<UInt8>) -> Container {
        guard bytes.count > 8 else { return .torch }
        // A header's length below 2^32, then the header; the length may look like the start of a pickle.
        if bytes[8] == UInt8(ascii: "{"), (4..<8).allSatisfy({ bytes[$0] == 0 }) { return .safetensors }
        guard FileSignature.recognize(bytes) == nil else { return .torch }
        return (0x80...0x8F).contains(bytes[0]) || (0xDE...0xDF).contains(bytes[0]) ? .flax : .torch
    }
}
