internal import CXXHash

/// XXH3-128 of some bytes, in its canonical (big-endian) byte order.
///
/// It tells contents apart and finds damage; it is no signature.
public struct Digest: Sendable, Hashable {
    static let byteCount = 16

    let bytes: [UInt8]

    /// - Parameter bytes: The digest itself, `byteCount` of them.
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The digest of `content`.
    public init(of content: UnsafeRawBufferPointer) {
        bytes = Self.canonical(XXH3_128bits(content.baseAddress, content.count))
    }

    public init(of content: [UInt8]) { self = content.withUnsafeBytes { Digest(of: $0) } }

    fileprivate static func canonical(_ hash: XXH128_hash_t) -> [UInt8] {
        var canonical = XXH128_canonical_t()
        XXH128_canonicalFromHash(&canonical, hash)
        return withUnsafeBytes(of: canonical) { Array($0) }
    }
}

extension Digest: CustomStringConvertible {
    /// 32 hexadecimal digits, as `xxhsum -H2` prints them.
    public var description: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// The digest of bytes that come piece by piece.
final class DigestStream {
    private let state = XXH3_createState()

    init() { XXH3_128bits_reset(state) }

    deinit { XXH3_freeState(state) }

    func update(_ bytes: UnsafeRawBufferPointer) { XXH3_128bits_update(state, bytes.baseAddress, bytes.count) }

    /// Of everything so far.
    var digest: Digest { Digest(bytes: Digest.canonical(XXH3_128bits_digest(state))) }
}
