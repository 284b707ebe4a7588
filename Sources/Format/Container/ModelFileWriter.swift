/// Writes a model file, tensor by tensor.
///
/// Several threads make chunks and another one writes them; memory stays at a few chunks for each. The bytes written depend
/// on the tensors, their order, the compression and the release of zstd, and on nothing else. Until `finish` the file does
/// not exist under its name.
///
///     let writer = try ModelFileWriter("words.dalle", replacing: false, threads: 2)
///     try writer.add("words.list", BytesSource(Array("a\nthe".utf8)), compression: .zstd(level: 3))
///     try writer.finish(metadata: MetadataMap(["tool": "example"]), components: [WordList.component])
public final class ModelFileWriter {
    /// Bytes of a chunk before encoding, rounded down to whole rows of a matrix: what is under way stays in the caches.
    static let chunkByteCount = 1 << 20
    /// Chunks that are made between two waits for the last of them; as many are written meanwhile.
    private static let chunksOfThread = 4
    /// What is smaller is not worth waking another thread.
    private static let smallByteCount = 128 << 10

    private let file: AtomicFile
    private let queue: ChunkQueue
    private let threads: Int
    private var batchCount: Int { Self.chunksOfThread * threads }
    private var tensors: [TensorDraft] = []

    /// - Parameter threads: that encode; one more writes.
    /// - Throws: `cannotWrite` when `path` exists and may not be replaced, or its directory cannot be written.
    public init(_ path: String, replacing: Bool, threads: Int) throws(DalleError) {
        file = try AtomicFile(path, replacing: replacing)
        self.threads = max(threads, 1)
        queue = try ChunkQueue(file, slots: 2 * Self.chunksOfThread * self.threads)
        try file.append([UInt8](repeating: 0, count: FileHead.byteCount))
    }

    // What is under way is done with before the file goes.
    deinit { queue.wait() }

    /// Appends a tensor.
    ///
    /// - Parameter progress: called with the number of tensor bytes done since the last call.
    public func add(
        _ name: String, _ source: some TensorSource, compression: Compression, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try write(name, PlainBytes(source: source), compression, progress)
    }

    /// Appends a tensor in a layout of integers with scales.
    ///
    /// - Parameter progress: called with the number of bytes done, in that layout, since the last call.
    public func add(
        _ name: String, packed source: some PackedSource, compression: Compression,
        progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try write(name, PackedBytes(source: source), compression, progress)
    }

    private func write(
        _ name: String, _ source: some ByteSource, _ compression: Compression, _ progress: (Int) -> Void
    ) throws(DalleError) {
        if case .zstd(let level) = compression, !Zstandard.levels.contains(level) {
            throw DalleError(.usage, "zstd has levels \(Zstandard.levels), not \(level)")
        }
        let draft = TensorDraft(
            name: name, source, chunkByteCount: Self.chunkByteCount(unit: source.unitByteCount))
        tensors.append(draft)
        let size = draft.chunkByteCount
        // Chunks that hold something of the closing part are made one after the other.
        let closing = source.closing < draft.byteCount ? source.closing / size * size : draft.byteCount
        var start = 0
        while start < draft.byteCount {
            let isClosing = start >= closing
            let batch = start..<min(start + batchCount * size, isClosing ? draft.byteCount : closing)
            do throws(DalleError) {
                try queue.append(
                    (batch.count + size - 1) / size, to: draft,
                    threads: isClosing || batch.count <= Self.smallByteCount ? 1 : threads
                ) { slot, i throws(DalleError) in
                    let first = batch.lowerBound + i * size
                    try slot.encode(
                        source, first..<min(first + size, batch.upperBound), compression: compression)
                }
            } catch {
                throw error.code == .cannotWrite ? error : error.located(item: name)
            }
            progress(batch.count)
            start = batch.upperBound
        }
        source.finish()
    }

    /// Appends a tensor of another model file with its chunks as they are; they are checked, not decoded.
    ///
    /// - Parameter progress: called with the number of bytes done since the last call.
    public func copy(
        _ tensor: TensorDescriptor, from source: ModelFile, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        let draft = TensorDraft(copying: tensor)
        tensors.append(draft)
        for start in stride(from: 0, to: tensor.chunks.count, by: batchCount) {
            let batch = tensor.chunks[start..<min(start + batchCount, tensor.chunks.count)]
            let byteCount = batch.reduce(0) { $0 + $1.range.count }
            try queue.append(
                batch.count, to: draft, threads: byteCount <= Self.smallByteCount ? 1 : threads
            ) { slot, i throws(DalleError) in
                slot.borrow(try source.encodedChunk(start + i, of: tensor))
            }
            progress(byteCount)
        }
    }

    /// Takes the tensor that was appended last out of the file again.
    public func removeLast() throws(DalleError) {
        try queue.flush()
        if let start = tensors.popLast()?.start { try file.truncate(to: start) }
    }

    /// Writes the index and gives the file its name.
    public func finish(metadata: MetadataMap, components: [Component]) throws(DalleError) {
        try queue.flush()
        let index = FileIndex(metadata: metadata, components: components, tensors: tensors.map(\.descriptor)).bytes
        let head = FileHead(index: file.count..<(file.count + index.count), root: Digest(of: index))
        try file.append(index)
        try file.overwrite(head.bytes, at: 0)
        try file.commit()
    }

    /// Bytes of the file, when it is finished.
    public var byteCount: Int { file.count }

    /// - Parameter unit: Bytes that a chunk should hold whole, if it can.
    private static func chunkByteCount(unit: Int) -> Int {
        unit <= chunkByteCount ? chunkByteCount / unit * unit : chunkByteCount
    }
}
