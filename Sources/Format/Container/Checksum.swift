internal import CXXHash

/// The hashes of the model file: XXH3, which runs at the speed of memory. They find damage; they are no signature.
enum Checksum {
    /// XXH3-64 of one chunk's bytes as they lie in the file.
    static func chunk(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        XXH3_64bits(bytes.baseAddress, bytes.count)
    }

    /// XXH3-128 in its canonical (big-endian) byte order.
    static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var canonical = XXH128_canonical_t()
        XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.baseAddress, bytes.count))
        return withUnsafeBytes(of: canonical) { Array($0) }
    }
}
