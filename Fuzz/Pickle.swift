import DalleFormat

@testable import DalleConvert

/// A pickle of any protocol, and the tensors it makes of storages that are always there.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        let container = try AnyStorages(try MappedFile(path))
        var reader = TorchTensorReader(container)
        try reader.read(container.pickle.root)
        // What is stepped over must have a reason that can be said.
        if let (name, tensor) = reader.unreadable.min(by: { $0.key < $1.key }), reader.tensors.isEmpty {
            throw tensor.refusal(name)
        }
        for tensor in reader.tensors.values {
            try tensor.readAll()
            if let rows = tensor.shape.extents.first, rows > 0 {
                try tensor.slice(rows - 1).readAll()
                try tensor.permuted(Array((0..<tensor.shape.rank).reversed())).readAll()
            }
        }
    }
    return 0
}

/// A container without a checksum over its pickle, whose storages are the first bytes of the file.
private struct AnyStorages: TorchContainer {
    let file: MappedFile
    let pickle: Pickle
    var pickleFile: MappedFile { file }
    var pickleStart: Int { 0 }

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        var reader = ByteReader(file.bytes)
        pickle = try PickleMachine.run(&reader)
    }

    func storage(_ key: String, _ type: PickleStorageType, count: Int) throws(DalleError) -> CheckpointStorage {
        let (size, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, size <= file.count else { throw DalleError(.badData, "a storage of \(count) elements") }
        let piece = CheckpointStorage.Chunk(file: file, range: 0..<size)
        return try CheckpointStorage([piece], elementSize: type.byteCount)
    }
}
