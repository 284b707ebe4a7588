/// Writes a model file, tensor by tensor.
///
/// Memory stays at a few chunks for each thread. The bytes written depend on the tensors, their order, the compression
/// and the release of zstd, and on nothing else. Until `finish` the file does not exist under its name.
///
///     let writer = try ModelFileWriter("words.dalle", replacing: false, threads: 2)
///     try writer.add("words.list", BytesSource(Array("a\nthe".utf8)), compression: .zstd(level: 3))
///     try writer.finish(metadata: MetadataMap(["tool": "example"]), components: [WordList.component])
public final class ModelFileWriter {
    /// Bytes of a chunk before encoding, rounded down to whole rows of a matrix.
    static let chunkByteCount = 4 << 20
    /// What is smaller is not worth waking another thread.
    private static let smallByteCount = 128 << 10

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
        let byteCount = source.byteCount
        let chunkByteCount = Self.chunkByteCount(unit: source.unitByteCount)
        try align(byteCount)

        let chunkCount = (byteCount + chunkByteCount - 1) / chunkByteCount
        let digest = DigestStream()
        var chunks: [Chunk] = []
        for start in stride(from: 0, to: chunkCount, by: slots.count) {
            let first = start * chunkByteCount
            let batch = first..<min(first + slots.count * chunkByteCount, byteCount)
            do throws(DalleError) {
                chunks += try encode(source, batch, chunkByteCount, compression, digest)
            } catch {
                throw error.located(item: name)
            }
            progress(batch.count)
        }
        source.finish()
        tensors.append(
            TensorDescriptor(
                name: name, dtype: source.dtype, shape: source.shape, layout: source.layout, byteCount: byteCount,
                digest: digest.digest, chunkByteCount: chunkByteCount, chunks: chunks))
    }

    /// Encodes and writes as many chunks as there are slots, at most.
    private func encode(
        _ source: some ByteSource, _ batch: Range<Int>, _ chunkByteCount: Int, _ compression: Compression,
        _ digest: DigestStream
    ) throws(DalleError) -> [Chunk] {
        let count = (batch.count + chunkByteCount - 1) / chunkByteCount
        let threads = batch.count <= Self.smallByteCount ? 1 : threads
        let slots = slots
        try Parallel.forEach(count, threads: threads) { i throws(DalleError) in
            let first = batch.lowerBound + i * chunkByteCount
            try slots[i].encode(
                source, first..<min(first + chunkByteCount, batch.upperBound), compression: compression)
        }
        var chunks: [Chunk] = []
        for slot in slots.prefix(count) {
            let range = file.reserve(slot.encoded.count)
            chunks.append(Chunk(encoding: slot.encoding, range: range, checksum: slot.checksum))
        }
        // Each chunk has its place, so that they can be written together; one thread also takes the digest.
        let target = ReservedFile(file), places = chunks.map(\.range.lowerBound)
        try Parallel.forEach(count + 1, threads: threads) { i throws(DalleError) in
            if i == 0 {
                for slot in slots.prefix(count) { digest.update(slot.bytes) }
            } else {
                try target.write(slots[i - 1].encoded, at: places[i - 1])
            }
        }
        return chunks
    }

    /// Appends a tensor of another model file with its chunks as they are; they are checked, not decoded.
    ///
    /// - Parameter progress: called with the number of bytes done since the last call.
    public func copy(
        _ tensor: TensorDescriptor, from source: ModelFile, progress: @Sendable (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try align(tensor.byteCount)
        var chunks: [Chunk] = []
        for chunk in tensor.chunks {
            let range = file.reserve(chunk.range.count)
            chunks.append(Chunk(encoding: chunk.encoding, range: range, checksum: chunk.checksum))
        }
        let target = ReservedFile(file), places = chunks.map(\.range.lowerBound)
        try Parallel.forEach(places.count, threads: threads) { i throws(DalleError) in
            try source.withEncodedChunk(i, of: tensor) { bytes throws(DalleError) in
                try target.write(bytes, at: places[i])
                progress(bytes.count)
            }
        }
        tensors.append(
            TensorDescriptor(
                name: tensor.name, dtype: tensor.dtype, shape: tensor.shape, layout: tensor.layout,
                byteCount: tensor.byteCount, digest: tensor.digest, chunkByteCount: tensor.chunkByteCount,
                chunks: chunks))
    }

    /// Writes the index and gives the file its name.
    public func finish(metadata: MetadataMap, components: [Component]) throws(DalleError) {
        let index = FileIndex(metadata: metadata, components: components, tensors: tensors).bytes
        let head = FileHead(index: file.count..<(file.count + index.count), root: Digest(of: index))
        try file.append(index)
        try file.overwrite(head.bytes, at: 0)
        try file.commit()
    }

    /// Bytes written so far.
    public var byteCount: Int { file.count }

    /// Fills up with zeros to where a tensor may start; one without bytes lies nowhere.
    private func align(_ byteCount: Int) throws(DalleError) {
        guard byteCount > 0 else { return }
        let start = TensorDescriptor.alignedStart(after: file.count, byteCount: byteCount)
        try file.append([UInt8](repeating: 0, count: start - file.count))
    }

    /// - Parameter unit: Bytes that a chunk should hold whole, if it can.
    private static func chunkByteCount(unit: Int) -> Int {
        unit <= chunkByteCount ? chunkByteCount / unit * unit : chunkByteCount
    }
}

/// The writing side of a file whose places have been given out.
private struct ReservedFile: @unchecked Sendable {
    // Only `write` is used, at places that do not overlap.
    private let file: AtomicFile

    init(_ file: AtomicFile) { self.file = file }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DalleError) {
        try file.write(bytes, at: offset)
    }
}
