import DalleThreads

/// A model file opened for reading.
///
/// Opening maps the file and checks its head and index; a tensor's bytes are checked when they are first touched.
///
///     let file = try ModelFile("mini.dalle")
///     for tensor in file.tensors { print(tensor.name, tensor.shape) }
///     let weights = try FloatTensor(file, "bart.decoder.logits.weight", shape: [16384, 1024])
public final class ModelFile: Sendable {
    public let path: String
    public let metadata: MetadataMap
    public let components: [Component]
    /// In the order in which they lie in the file.
    public let tensors: [TensorDescriptor]
    /// Of the index, and with it, since that holds the digests of everything else, of the whole file.
    public let root: Digest

    let file: MappedFile
    private let tensorIndex: [String: Int]
    private let componentIndex: [String: Int]
    private let parts: PartIndex
    /// Number of a tensor's first chunk, counted through the whole file.
    private let firstChunk: [Int]
    private let verified: Monitor<[Bool]>
    private let codecs = Monitor<[ChunkCodec]>([])
    private let largeChunks = LargeChunks()

    /// - Throws: `missingInput` when there is no such file, `badData` when it is not a whole model file.
    public init(_ path: String) throws(DalleError) {
        let file = try MappedFile(path)
        self.path = path
        self.file = file
        do throws(DalleError) {
            let head = try FileHead(file.bytes)
            guard file.withUnsafeBytes(head.index, { Digest(of: $0) }) == head.root else {
                throw DalleError(
                    .badData, "the index is damaged", remedy: "Copy or convert the file again",
                    offset: head.index.lowerBound)
            }
            let index = try FileIndex(
                file.bytes.extracting(head.index), data: FileHead.byteCount..<head.index.lowerBound)
            root = head.root
            metadata = index.metadata
            components = index.components
            tensors = index.tensors
        } catch {
            throw error.located(file: path)
        }
        tensorIndex = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
        componentIndex = Dictionary(uniqueKeysWithValues: components.enumerated().map { ($1.name, $0) })
        parts = PartIndex(components, tensors)
        var chunkCount = 0
        firstChunk = tensors.map { tensor in
            defer { chunkCount += tensor.chunks.count }
            return chunkCount
        }
        verified = Monitor(Array(repeating: false, count: chunkCount))
    }

    /// The root in hexadecimal: equal roots, equal files.
    public var rootDigest: String { root.description }

    /// Bytes of the file.
    public var byteCount: Int { file.count }

    /// The component of a kind, if there is exactly one or none.
    ///
    /// - Throws: `badData` when there are several.
    public func component(_ kind: Component.Kind) throws(DalleError) -> Component? {
        let found = components.filter { $0.kind == kind }
        guard found.count <= 1 else {
            throw DalleError(.badData, "has \(found.count) parts of kind \(kind)", file: path)
        }
        return found.first
    }

    /// The tensors of a component, in the order of the file.
    public func tensors(of component: Component) -> [TensorDescriptor] {
        componentIndex[component.name].map { parts.tensors[$0].map { tensors[$0] } } ?? []
    }

    /// The component that a tensor belongs to; the first of several.
    public func component(of tensor: TensorDescriptor) -> Component? {
        tensorIndex[tensor.name].flatMap { parts.owner[$0] }.map { components[$0] }
    }

    public func descriptor(_ name: String) -> TensorDescriptor? {
        tensorIndex[name].map { tensors[$0] }
    }

    /// A tensor's bytes: where they lie in the file when they are stored as they are, else decoded.
    ///
    /// - Throws: `badData` when there is no such tensor, a chunk of it is damaged, or its layout is not known.
    public func bytes(of name: String, threads: Int = 1) throws(DalleError) -> TensorBytes {
        let (index, tensor) = try find(name)
        return try bytes(index, 0..<tensor.byteCount, threads: threads)
    }

    /// A range of a tensor's bytes; only the chunks that hold it are read.
    public func bytes(of name: String, _ range: Range<Int>) throws(DalleError) -> TensorBytes {
        let (index, tensor) = try find(name)
        guard range.lowerBound >= 0, range.upperBound <= tensor.byteCount else {
            throw DalleError(
                .fault, "bytes \(range) of a tensor of \(tensor.byteCount) bytes", file: path, item: name)
        }
        return try bytes(index, range, threads: 1)
    }

    /// Copies a range of a tensor's bytes, each chunk decoded to where it belongs, and gives mapped pages back.
    func read(
        _ name: String, _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        let (index, tensor) = try find(name)
        guard range.lowerBound >= 0, range.upperBound <= tensor.byteCount, target.count == range.count else {
            throw DalleError(
                .fault, "bytes \(range) of a tensor of \(tensor.byteCount) bytes", file: path, item: name)
        }
        guard !range.isEmpty else { return }
        for number in tensor.chunks(holding: range) {
            let chunk = tensor.byteRange(ofChunk: number)
            let part = chunk.clamped(to: range)
            let space = UnsafeMutableRawBufferPointer(
                rebasing: target[part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound])
            if part == chunk, !tensor.isStored {
                try verify(index, number)
                try decode(tensor, number, into: space)
            } else {
                let bytes = try bytes(index, part, threads: 1)
                bytes.withUnsafeBytes { space.copyMemory(from: $0) }
                bytes.release()
            }
        }
    }

    /// Lets the system take back all of a tensor's mapped pages.
    ///
    /// Reading a chunk maps whatever lies with it in a large page, also what was given back before.
    func release(_ name: String) {
        largeChunks.removeAll()
        guard let chunks = descriptor(name)?.chunks, let first = chunks.first, let last = chunks.last else { return }
        file.release(first.range.lowerBound..<last.range.upperBound)
    }

    /// A chunk as it lies in the file, checked.
    func encodedChunk(_ number: Int, of tensor: TensorDescriptor) throws(DalleError) -> EncodedChunk {
        guard let index = tensorIndex[tensor.name] else {
            throw DalleError(.fault, "the tensor is of another file", file: path, item: tensor.name)
        }
        try verify(index, number)
        return EncodedChunk(file: file, chunk: tensors[index].chunks[number])
    }

    private func find(_ name: String) throws(DalleError) -> (Int, TensorDescriptor) {
        guard let index = tensorIndex[name] else {
            throw DalleError(
                .badData, "the tensor is not in the file", remedy: "Convert the checkpoint again", file: path,
                item: name)
        }
        let tensor = tensors[index]
        guard TensorDescriptor.Layout.known.contains(tensor.layout) else {
            throw DalleError(
                .badData, "has the layout '\(tensor.layout)', which this version does not know",
                remedy: "Use the version that wrote it, or quantise the original again", file: path, item: name)
        }
        return (index, tensor)
    }

    /// A range of the bytes of tensor `index`, in whatever layout.
    func bytes(_ index: Int, _ range: Range<Int>, threads: Int) throws(DalleError) -> TensorBytes {
        let tensor = tensors[index]
        guard !range.isEmpty else { return try TensorBytes(allocating: 0) }
        let numbers = tensor.chunks(holding: range)
        if tensor.isStored {
            try Parallel.forEach(numbers.count, threads: threads) { i throws(DalleError) in
                try verify(index, numbers.lowerBound + i)
            }
            let start = tensor.chunks[0].range.lowerBound
            return TensorBytes(file, start + range.lowerBound..<start + range.upperBound)
        }
        let first = tensor.byteRange(ofChunk: numbers.lowerBound).lowerBound
        let last = tensor.byteRange(ofChunk: numbers.upperBound - 1).upperBound
        if range != first..<last, tensor.chunkByteCount > ModelFileWriter.chunkByteCount {
            return try partsOfLargeChunks(index, range)
        }
        let decoded = try TensorBytes(allocating: last - first)
        try Parallel.forEach(numbers.count, threads: threads) { i throws(DalleError) in
            let number = numbers.lowerBound + i
            try verify(index, number)
            let part = tensor.byteRange(ofChunk: number)
            try decoded.fill(part.lowerBound - first..<part.upperBound - first) { target throws(DalleError) in
                try decode(tensor, number, into: target)
            }
        }
        return decoded.extracting(range.lowerBound - first..<range.upperBound - first)
    }

    /// A range of a tensor's bytes, of chunks that are kept until others are wanted: each is decoded once for all pieces that
    /// are read of it one after the other.
    private func partsOfLargeChunks(_ index: Int, _ range: Range<Int>) throws(DalleError) -> TensorBytes {
        let tensor = tensors[index]
        let result = try TensorBytes(allocating: range.count)
        for number in tensor.chunks(holding: range) {
            let chunk = tensor.byteRange(ofChunk: number)
            let decoded = try largeChunks.chunk(firstChunk[index] + number) { () throws(DalleError) in
                try bytes(index, chunk, threads: 1)
            }
            let part = chunk.clamped(to: range)
            try result.fill(part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound) { target in
                decoded.withUnsafeBytes {
                    target.copyMemory(
                        from: UnsafeRawBufferPointer(
                            rebasing: $0[part.lowerBound - chunk.lowerBound..<part.upperBound - chunk.lowerBound]))
                }
            }
        }
        return result
    }

    private func decode(
        _ tensor: TensorDescriptor, _ number: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        let chunk = tensor.chunks[number]
        // Working memory is kept for the next chunk.
        let codec =
            if let idle = codecs.withLock({ $0.popLast() }), idle.chunkByteCount >= target.count { idle } else {
                try ChunkCodec(chunkByteCount: tensor.chunkByteCount, encodes: false)
            }
        defer { codecs.withLock { $0.append(codec) } }
        do throws(DalleError) {
            try file.withUnsafeBytes(chunk.range) { encoded throws(DalleError) in
                try codec.decode(encoded, chunk.encoding, into: target)
            }
        } catch {
            throw error.located(file: path, item: tensor.name, offset: chunk.range.lowerBound)
        }
        file.release(chunk.range)
        if let fault = tensor.packing?.fault(UnsafeRawBufferPointer(target), at: number * tensor.chunkByteCount) {
            throw DalleError(
                .badData, fault, remedy: "Quantise the original again", file: path, item: tensor.name,
                offset: chunk.range.lowerBound)
        }
    }

    /// Compares a chunk with its checksum, once.
    private func verify(_ index: Int, _ number: Int) throws(DalleError) {
        let flag = firstChunk[index] + number
        if verified.withLock({ $0[flag] }) { return }
        guard isWhole(tensors[index].chunks[number]) else { throw damage(index, number).error(path) }
        if let fault = storedFault(index, number) { throw fault.error(path) }
        verified.withLock { $0[flag] = true }
    }
}

/// A chunk in the pages of its file.
struct EncodedChunk {
    let file: MappedFile
    let chunk: Chunk

    /// Valid while the file lives.
    var bytes: UnsafeRawBufferPointer { file.withUnsafeBytes(chunk.range) { $0 } }

    /// Lets the system take the pages back.
    func release() { file.release(chunk.range) }
}
