/// Buffers for one chunk under way.
final class EncodingSlot: @unchecked Sendable {
    // Each slot is used by one thread at a time: the one that fills it, then the one that writes.
    private let raw: Memory<UInt8>
    private let codec: ChunkCodec
    /// The chunk's bytes before encoding; none of a chunk that is borrowed.
    private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var encoded = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var encoding = Chunk.Encoding.stored
    private(set) var checksum: UInt64 = 0
    private var lender: EncodedChunk?

    /// - Throws: `noMemory` when there is not so much.
    init() throws(DalleError) {
        raw = try Memory(ModelFileWriter.chunkByteCount, for: "a chunk of a file", returnsPages: true)
        codec = try ChunkCodec(chunkByteCount: ModelFileWriter.chunkByteCount, encodes: true)
    }

    func encode(_ source: some ByteSource, _ range: Range<Int>, compression: Compression) throws(DalleError) {
        let space = UnsafeMutableRawBufferPointer(rebasing: raw.bytes[..<range.count])
        try source.read(bytes: range, into: space)
        bytes = UnsafeRawBufferPointer(space)
        (encoding, encoded) = try codec.encode(bytes, source.encoding, compression: compression)
        checksum = Checksum.chunk(encoded)
    }

    /// Takes a chunk of another file as it is.
    func borrow(_ chunk: EncodedChunk) {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        encoded = chunk.bytes
        encoding = chunk.chunk.encoding
        checksum = chunk.chunk.checksum
        lender = chunk
    }

    /// Lets go of what was borrowed.
    func clear() {
        lender?.release()
        lender = nil
    }
}
