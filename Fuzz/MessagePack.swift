import DalleFormat

@testable import DalleConvert

/// A Flax checkpoint, with the arrays inside.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        for tensor in try FlaxTree(try MappedFile(path)).tensors.values {
            try tensor.readAll()
            if tensor.shape.rank == 2 { try tensor.permuted([1, 0]).readAll() }
        }
    }
    return 0
}
