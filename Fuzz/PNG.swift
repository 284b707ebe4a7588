import CZlib
import DalleFormat

/// A picture, as it is and with the checksums of its chunks made right.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in _ = try PictureFile.read(path) }
    var bytes = Array(UnsafeBufferPointer(start: start, count: count))
    // After the signature: length, kind, content, checksum of kind and content.
    var chunk = 8
    while chunk + 12 <= count {
        let length = bytes[chunk..<chunk + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= count - chunk - 12 else { break }
        let checksum = crc32(0, start + chunk + 4, UInt32(length + 4))
        for i in 0..<4 { bytes[chunk + 8 + length + i] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt(i))) }
        chunk += 12 + length
    }
    bytes.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        Input.run(base, bytes.count) { path throws(DalleError) in _ = try PictureFile.read(path) }
    }
    return 0
}
