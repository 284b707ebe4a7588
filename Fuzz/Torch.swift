import DalleFormat

@testable import DalleConvert

/// A file that PyTorch wrote, as a zip archive or in the old container, whole.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        for tensor in try TorchCheckpoint(path).tensors.values { try tensor.readAll() }
    }
    return 0
}
