import DalleFormat

@testable import DalleConvert

/// A safetensors file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        for tensor in try SafetensorsFile(try MappedFile(path)).tensors.values { try tensor.readAll() }
    }
    return 0
}
