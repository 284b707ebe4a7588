/// A tensor to be written: what it is, and where its elements come from piece by piece.
public protocol TensorSource: Sendable {
    var dtype: DType { get }
    var shape: Shape { get }

    /// Writes the given elements, in row-major order and little-endian, into `target`.
    ///
    /// Called for any element ranges, from several threads at once.
    func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError)

    /// Called when all elements have been read once; a mapped source gives its pages back.
    func finish()
}

extension TensorSource {
    public func finish() {}
}

/// Writes a model file, tensor by tensor.
///
/// Memory stays at a few chunks for each thread. The bytes written depend on the tensors, their order and the
/// compression, and on nothing else. Until `finish` the file does not exist under its name.
public final class ModelFileWriter {
    /// Bytes of a chunk before encoding, rounded down to whole rows of a matrix.
    static let chunkByteCount = 4 << 20

    private let file: AtomicFile
    private let threads: Int
    // Made once: making them anew for each tensor leaves the allocator with holes that add up.
    private let slots: [EncodingSlot]
    private var tensors: [TensorDescriptor] = []

    /// - Throws: `cannotWrite` when `path` exists and may not be replaced, or its directory cannot be written.
    public init(_ path: String, replacing: Bool, threads: Int) throws(DalleError) {
        file = try AtomicFile(path, replacing: replacing)
        self.threads = max(threads, 1)
        slots = (0..<2 * max(threads, 1)).map { _ in EncodingSlot() }
        try file.append([UInt8](repeating: 0, count: FileHead.byteCount))
    }

    /// Appends a tensor.
    ///
    /// - Parameter progress: called with the number of tensor bytes done since the last call.
    public func add(
        _ name: String, _ source: some TensorSource, compression: Compression, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        if case .zstd(let level) = compression, !Zstandard.levels.contains(level) {
            throw DalleError(.usage, "zstd has levels \(Zstandard.levels), not \(level)")
        }
        let (dtype, shape, slots) = (source.dtype, source.shape, slots)
        let byteCount = shape.byteCount(dtype)
        let chunkByteCount = Self.chunkByteCount(shape, dtype)
        try pad(to: TensorDescriptor.alignedStart(after: file.count, byteCount: byteCount))

        let chunkCount = (byteCount + chunkByteCount - 1) / chunkByteCount
        var chunks: [Chunk] = []
        for start in stride(from: 0, to: chunkCount, by: slots.count) {
            let numbers = start..<min(start + slots.count, chunkCount)
            do throws(DalleError) {
                try Parallel.forEach(numbers.count, threads: threads) { i throws(DalleError) in
                    let first = (start + i) * chunkByteCount
                    let range = first..<min(first + chunkByteCount, byteCount)
                    try slots[i].encode(source, range, compression: compression)
                }
            } catch {
                throw error.located(item: name)
            }
            for slot in slots.prefix(numbers.count) {
                let offset = file.count
                try slot.withEncoded(file.append)
                chunks.append(
                    Chunk(encoding: slot.encoding, range: offset..<file.count, checksum: slot.checksum))
                progress(slot.byteCount)
            }
        }
        source.finish()
        tensors.append(
            TensorDescriptor(
                name: name, dtype: dtype, shape: shape, layout: .plain, chunkByteCount: chunkByteCount, chunks: chunks))
    }

    /// Writes the index and gives the file its name.
    public func finish(metadata: MetadataMap, components: [Component]) throws(DalleError) {
        let index = FileIndex(metadata: metadata, components: components, tensors: tensors).bytes
        let head = FileHead(
            index: file.count..<(file.count + index.count), root: index.withUnsafeBytes(Checksum.digest))
        try file.append(index)
        try file.overwrite(head.bytes, at: 0)
        try file.commit()
    }

    /// Bytes written so far.
    public var byteCount: Int { file.count }

    private func pad(to offset: Int) throws(DalleError) {
        try file.append([UInt8](repeating: 0, count: offset - file.count))
    }

    static func chunkByteCount(_ shape: Shape, _ dtype: DType) -> Int {
        let row = shape.rank < 2 ? dtype.byteCount : shape.rowMajorStrides[0] * dtype.byteCount
        return row <= chunkByteCount ? chunkByteCount / row * row : chunkByteCount
    }
}

/// Buffers for one chunk under way.
private final class EncodingSlot: @unchecked Sendable {
    // Each slot is used by one thread at a time: the one that encodes, then the one that writes.
    private let raw: UnsafeMutableRawBufferPointer
    private let scratch = ChunkCodec.Scratch(chunkByteCount: ModelFileWriter.chunkByteCount)
    private var encoded = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var encoding = Chunk.Encoding.stored
    private(set) var checksum: UInt64 = 0
    private(set) var byteCount = 0

    init() { raw = .allocate(byteCount: ModelFileWriter.chunkByteCount, alignment: 64) }

    deinit { raw.deallocate() }

    func encode(_ source: some TensorSource, _ range: Range<Int>, compression: Compression) throws(DalleError) {
        let size = source.dtype.byteCount
        let bytes = UnsafeMutableRawBufferPointer(rebasing: raw[..<range.count])
        try source.read(range.lowerBound / size..<range.upperBound / size, into: bytes)
        (encoding, encoded) = try ChunkCodec.encode(
            UnsafeRawBufferPointer(bytes), elementSize: size, compression: compression, scratch: scratch)
        checksum = Checksum.chunk(encoded)
        byteCount = range.count
    }

    func withEncoded(_ body: (UnsafeRawBufferPointer) throws(DalleError) -> Void) throws(DalleError) {
        try body(encoded)
    }
}
