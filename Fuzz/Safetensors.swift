import DalleFormat

@testable import DalleConvert

/// A safetensors file, as it is and with the header's length made right: few changes of a header keep it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count, read)
    var bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let end = bytes.lastIndex(of: UInt8(ascii: "}")), end >= 8 else { return 0 }
    for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: (end - 7) >> (8 * i)) }
    bytes.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress { Input.run(base, bytes.count, read) }
    }
    return 0
}

private func read(_ path: String) throws(DalleError) {
    for tensor in try SafetensorsFile(try MappedFile(path)).tensors.values { try tensor.readAll() }
}
