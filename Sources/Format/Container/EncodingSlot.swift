/// Buffers for one chunk under way.
final class EncodingSlot: @unchecked Sendable {
    // Each slot is used by one thread at a time: the one that encodes, then the ones that only read.
    private let raw: UnsafeMutableRawBufferPointer
    private let codec = ChunkCodec(chunkByteCount: ModelFileWriter.chunkByteCount, encodes: true)
    /// The chunk's bytes before encoding.
    private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var encoded = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var encoding = Chunk.Encoding.stored
    private(set) var checksum: UInt64 = 0

    init() { raw = .allocate(byteCount: ModelFileWriter.chunkByteCount, alignment: 64) }

    deinit { raw.deallocate() }

    func encode(_ source: some ByteSource, _ range: Range<Int>, compression: Compression) throws(DalleError) {
        let space = UnsafeMutableRawBufferPointer(rebasing: raw[..<range.count])
        try source.read(bytes: range, into: space)
        bytes = UnsafeRawBufferPointer(space)
        (encoding, encoded) = try codec.encode(bytes, source.encoding, compression: compression)
        checksum = Checksum.chunk(encoded)
    }
}
