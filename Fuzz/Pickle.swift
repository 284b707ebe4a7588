import DalleFormat

@testable import DalleConvert

/// A pickle, and the tensors it makes of storages that are always there.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        let container = try AnyStorages(try MappedFile(path))
        var reader = TorchTensorReader(container)
        try reader.read(container.pickle.root)
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

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        var reader = ByteReader(file.bytes)
        pickle = try PickleMachine.run(&reader)
    }

    func storage(_ key: String, _ dtype: DType, count: Int) throws(DalleError) -> ForeignStorage {
        let (size, overflow) = count.multipliedReportingOverflow(by: dtype.byteCount)
        guard !overflow, size <= file.count else { throw DalleError(.badData, "a storage of \(count) elements") }
        return try ForeignStorage([.init(file: file, range: 0..<size)], elementSize: dtype.byteCount)
    }
}
