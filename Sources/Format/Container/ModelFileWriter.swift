/// Writes a model file, tensor by tensor.
///
/// Memory stays at a few chunks for each thread. The bytes written depend on the tensors, their order, the compression
/// and the release of zstd, and on nothing else. Until `finish` the file does not exist under its name.
///
///     let writer = try ModelFileWriter("words.dalle", replacing: false, threads: 2)
///     try writer.add("words.list", BytesSource(Array("a\nthe".utf8)), compression: .zstd(level: 3))
///     try writer.finish(metadata: MetadataMap(["tool": "example"]), components: [WordList.component])
public final class ModelFileWriter {
    /// Bytes of a chunk before encoding, rounded down to whole rows of a matrix: what is under way stays in the caches.
    static let chunkByteCount = 1 << 20
    private static let slotsOfThread = 3
    /// What is smaller is not worth waking another thread.
    private static let smallByteCount = 128 << 10

    private let file: AtomicFile
    private let threads: Int
    // Two sets: one is written while the other is filled. Made once: making them anew for each tensor leaves the
    // allocator with holes that add up.
    private let slots: [[EncodingSlot]]
    private var fillsFirst = true
    private var pending: PendingBatch?
    private var tensors: [TensorDraft] = []

    /// - Throws: `cannotWrite` when `path` exists and may not be replaced, or its directory cannot be written.
    public init(_ path: String, replacing: Bool, threads: Int) throws(DalleError) {
        file = try AtomicFile(path, replacing: replacing)
        self.threads = max(threads, 1)
        let count = Self.slotsOfThread * max(threads, 1)
        slots = (0..<2).map { _ in (0..<count).map { _ in EncodingSlot() } }
        try file.append([UInt8](repeating: 0, count: FileHead.byteCount))
    }

    /// Appends a tensor.
    ///
    /// - Parameter progress: called with the number of tensor bytes done since the last call.
    public func add(
        _ name: String, _ source: some TensorSource, compression: Compression, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try write(name, PlainBytes(source: source), compression, progress)
    }

    /// Appends a tensor in a layout of whole numbers with scales.
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
        let batchByteCount = slots[0].count * draft.chunkByteCount
        for start in stride(from: 0, to: draft.byteCount, by: batchByteCount) {
            let batch = start..<min(start + batchByteCount, draft.byteCount)
            do throws(DalleError) {
                try encode(source, batch, compression, draft)
            } catch {
                throw error.code == .cannotWrite ? error : error.located(item: name)
            }
            progress(batch.count)
        }
        source.finish()
    }

    /// Encodes as many chunks as a set has slots, at most, while one thread writes those of the batch before: the system
    /// lets only one thread at a time write into a file.
    private func encode(
        _ source: some ByteSource, _ batch: Range<Int>, _ compression: Compression, _ draft: TensorDraft
    ) throws(DalleError) {
        let size = draft.chunkByteCount
        let count = (batch.count + size - 1) / size
        let slots = Array(slots[fillsFirst ? 0 : 1].prefix(count))
        let earlier = pending
        try Parallel.forEach(
            count + 1, threads: batch.count <= Self.smallByteCount ? 1 : threads
        ) { i throws(DalleError) in
            if i == 0 {
                try earlier?.write()
            } else {
                let first = batch.lowerBound + (i - 1) * size
                try slots[i - 1].encode(
                    source, first..<min(first + size, batch.upperBound), compression: compression)
            }
        }
        pending = PendingBatch(draft: draft, slots: slots, file: file)
        fillsFirst.toggle()
    }

    /// Writes what has been encoded.
    private func flush() throws(DalleError) {
        try pending?.write()
        pending = nil
    }

    /// Appends a tensor of another model file with its chunks as they are; they are checked, not decoded.
    ///
    /// - Parameter progress: called with the number of bytes done since the last call.
    public func copy(
        _ tensor: TensorDescriptor, from source: ModelFile, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try flush()
        let draft = TensorDraft(copying: tensor)
        tensors.append(draft)
        for (number, chunk) in tensor.chunks.enumerated() {
            try source.withEncodedChunk(number, of: tensor) { bytes throws(DalleError) in
                try draft.append(bytes, chunk.encoding, chunk.checksum, to: file)
            }
            progress(chunk.range.count)
        }
    }

    /// Writes the index and gives the file its name.
    public func finish(metadata: MetadataMap, components: [Component]) throws(DalleError) {
        try flush()
        let index = FileIndex(metadata: metadata, components: components, tensors: tensors.map(\.descriptor)).bytes
        let head = FileHead(index: file.count..<(file.count + index.count), root: Digest(of: index))
        try file.append(index)
        try file.overwrite(head.bytes, at: 0)
        try file.commit()
    }

    /// Bytes written so far.
    public var byteCount: Int { file.count }

    /// - Parameter unit: Bytes that a chunk should hold whole, if it can.
    private static func chunkByteCount(unit: Int) -> Int {
        unit <= chunkByteCount ? chunkByteCount / unit * unit : chunkByteCount
    }
}
