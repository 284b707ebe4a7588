public import DalleFormat

/// A file written by `torch.save`: its tensors, and whatever else its pickle holds.
///
/// Opening reads the pickle and checks every tensor's extent against its storage; the elements stay in the file, and a
/// storage's CRC-32 is checked when its first element is read.
public struct TorchCheckpoint: Sendable {
    /// The tensors of the state dictionary, under the names it gives them; names of nested dictionaries and lists are
    /// joined by full stops.
    public let tensors: [String: CheckpointTensor]
    /// Their names in the file's order.
    public let names: [String]
    /// What stands among them and cannot be read: tensors of other kinds, and objects of which only the call is known.
    let unreadable: [String: UnreadableTensor]
    /// The name of the state dictionary, if the file holds it beside other things.
    public let stateName: String
    /// Names of what lies beside the state dictionary, such as optimiser states; empty when the file is nothing else.
    public let otherEntries: [String]
    /// The tensors of the other entries that can be read, the entry's name in front: there may be another model.
    let otherTensors: [String: CheckpointTensor]
    /// What stands among those and cannot be read.
    let unreadableOthers: [String: UnreadableTensor]
    /// Everything, for settings that lie beside the weights.
    let pickle: Pickle

    /// - Throws: `missingInput` when `path` cannot be read, `badData` when it is no such file, damaged or hostile.
    public init(_ path: String) throws(DalleError) {
        let file = try MappedFile(path)
        do throws(DalleError) {
            try self.init(try Self.container(file))
        } catch {
            throw error.located(file: path)
        }
    }

    private init(_ container: any TorchContainer) throws(DalleError) {
        pickle = container.pickle
        let keys = (pickle.entries(of: pickle.root) ?? []).compactMap { entry -> String? in
            if case .text(let name) = entry.key { name } else { nil }
        }
        var state = pickle.root
        // Trainers put the weights beside their own state, redistributed files are often the weights alone.
        if let nested = pickle.entry("state_dict", of: pickle.root), pickle.entries(of: nested) != nil {
            state = nested
            stateName = "state_dict"
            otherEntries = keys.filter { $0 != "state_dict" }
        } else {
            stateName = ""
            otherEntries = []
        }
        var reader = TorchTensorReader(container)
        try reader.read(state)
        guard !reader.names.isEmpty else {
            var message = "holds no tensors: there is \(pickle.describe(state)) where its state dictionary should be"
            let others = reader.unreadable.filter { !$0.key.isEmpty }
            if let (name, tensor) = others.min(by: {
                $0.value.isTensor == $1.value.isTensor ? $0.key < $1.key : $0.value.isTensor
            }) {
                message = "holds no tensors that can be read; '\(name)', one of \(others.count): \(tensor.reason)"
            }
            throw DalleError(
                .badData, message, remedy: "Nothing was executed. Save the model's state_dict with PyTorch")
        }
        (tensors, names, unreadable) = (reader.tensors, reader.names, reader.unreadable)
        var others = TorchTensorReader(container)
        // What cannot be read there is no reason to refuse the model.
        if !otherEntries.isEmpty { try? others.read(container.pickle.root, besides: stateName) }
        (otherTensors, unreadableOthers) = (others.tensors, others.unreadable)
    }

    private static func container(_ file: MappedFile) throws(DalleError) -> any TorchContainer {
        let bytes = file.bytes
        let head = bytes.extracting(first: 512).withUnsafeBufferPointer { Array($0) }
        if head.starts(with: Array("PK".utf8)) { return try TorchZipContainer(file) }
        if TorchLegacyContainer.isOne(head: head) { return try TorchLegacyContainer(file) }
        if head.dropFirst(257).starts(with: Array("ustar".utf8)) {
            throw DalleError(
                .badData, "was written by PyTorch before 0.1.10, in a container that is not read",
                remedy: "Write it anew with PyTorch: torch.save(torch.load(old, map_location='cpu'), new)")
        }
        throw DalleError(.badData, "is no PyTorch checkpoint: \(FileSignature.describe(bytes))")
    }
}
