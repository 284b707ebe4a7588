internal import CXXHash

/// The hash of a chunk: XXH3-64, which runs at the speed of memory. It finds damage; it is no signature.
enum Checksum {
    /// XXH3-64 of one chunk's bytes as they lie in the file.
    static func chunk(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        XXH3_64bits(bytes.baseAddress, bytes.count)
    }
}
