/// A tensor on its way into a file.
final class TensorDraft: @unchecked Sendable {
    // What changes does so on the thread that writes, and is read by others when that is done.
    let name: String
    let dtype: DType
    let shape: Shape
    let layout: TensorDescriptor.Layout
    let byteCount: Int
    let chunkByteCount: Int
    /// Of a tensor whose chunks are copied.
    private let knownDigest: Digest?
    private let stream = DigestStream()
    private var chunks: [Chunk] = []

    init(name: String, _ source: some ByteSource, chunkByteCount: Int) {
        self.name = name
        dtype = source.dtype
        shape = source.shape
        layout = source.layout
        byteCount = source.byteCount
        self.chunkByteCount = chunkByteCount
        knownDigest = nil
    }

    init(copying tensor: TensorDescriptor) {
        name = tensor.name
        dtype = tensor.dtype
        shape = tensor.shape
        layout = tensor.layout
        byteCount = tensor.byteCount
        chunkByteCount = tensor.chunkByteCount
        knownDigest = tensor.digest
    }

    /// Writes the next chunk at the end of `file`; the first one where the tensor may start.
    func append(
        _ encoded: UnsafeRawBufferPointer, _ encoding: Chunk.Encoding, _ checksum: UInt64, to file: AtomicFile
    ) throws(DalleError) {
        if chunks.isEmpty {
            self.start = file.count
            let start = TensorDescriptor.alignedStart(after: file.count, byteCount: byteCount)
            try file.append([UInt8](repeating: 0, count: start - file.count))
        }
        let start = file.count
        try file.append(encoded)
        chunks.append(Chunk(encoding: encoding, range: start..<file.count, checksum: checksum))
    }

    /// Takes the next bytes, before encoding, into the digest.
    func digest(_ bytes: UnsafeRawBufferPointer) { stream.update(bytes) }

    /// Where the file ended before the tensor; nil when nothing of it is written.
    private(set) var start: Int?

    /// When all chunks are written.
    var descriptor: TensorDescriptor {
        TensorDescriptor(
            name: name, dtype: dtype, shape: shape, layout: layout, byteCount: byteCount,
            digest: knownDigest ?? stream.digest, chunkByteCount: chunkByteCount, chunks: chunks)
    }
}
