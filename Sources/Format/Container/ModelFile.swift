import Synchronization

/// A model file opened for reading.
///
/// Opening maps the file and checks its head and index; a tensor's bytes are checked when they are first touched.
public final class ModelFile: Sendable {
    public let path: String
    public let metadata: MetadataMap
    public let components: [Component]
    public let tensors: [TensorDescriptor]

    private let file: MappedFile
    private let root: [UInt8]
    private let tensorIndex: [String: Int]
    /// Number of a tensor's first chunk, counted through the whole file.
    private let firstChunk: [Int]
    private let verified: Mutex<[Bool]>

    /// - Throws: `missingInput` when there is no such file, `badData` when it is not a whole model file.
    public init(_ path: String) throws(DalleError) {
        let file = try MappedFile(path)
        self.path = path
        self.file = file
        do throws(DalleError) {
            let head = try FileHead(file.bytes)
            guard file.withUnsafeBytes(head.index, Checksum.digest) == head.root else {
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
        var chunkCount = 0
        firstChunk = tensors.map { tensor in
            defer { chunkCount += tensor.chunks.count }
            return chunkCount
        }
        verified = Mutex(Array(repeating: false, count: chunkCount))
    }

    /// The digest over the whole content, in hexadecimal: equal roots, equal models.
    public var rootDigest: String { root.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// Bytes of the file.
    public var byteCount: Int { file.count }

    /// The component of a kind, if there is exactly one or none.
    ///
    /// - Throws: `badData` when there are several.
    public func component(_ kind: Component.Kind) throws(DalleError) -> Component? {
        let found = components.filter { $0.kind == kind.rawValue }
        guard found.count <= 1 else {
            throw DalleError(.badData, "has \(found.count) parts of kind \(kind.rawValue)", file: path)
        }
        return found.first
    }

    public func descriptor(_ name: String) -> TensorDescriptor? {
        tensorIndex[name].map { tensors[$0] }
    }

    /// A tensor's bytes: where they lie in the file when they are stored as they are, else decoded.
    ///
    /// - Throws: `badData` when there is no such tensor or a chunk of it is damaged.
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

    /// Checks every chunk, and that nothing but zeros lies between tensors.
    ///
    /// - Parameter progress: called with the number of bytes checked since the last call.
    public func check(
        threads: Int = 1, progress: @Sendable (Int) -> Void = { _ in }
    ) throws(DalleError) {
        try checkPadding()
        try Parallel.forEach(tensors.count, threads: threads) { index throws(DalleError) in
            for number in tensors[index].chunks.indices {
                try verify(index, number, always: true)
                let range = tensors[index].chunks[number].range
                file.release(range)
                progress(range.count)
            }
        }
    }

    private func find(_ name: String) throws(DalleError) -> (Int, TensorDescriptor) {
        guard let index = tensorIndex[name] else {
            throw DalleError(
                .badData, "the tensor is not in the file", remedy: "Convert the checkpoint again", file: path,
                item: name)
        }
        return (index, tensors[index])
    }

    private func bytes(_ index: Int, _ range: Range<Int>, threads: Int) throws(DalleError) -> TensorBytes {
        let tensor = tensors[index]
        guard !range.isEmpty else { return TensorBytes(allocating: 0) }
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
        let decoded = TensorBytes(allocating: last - first)
        try Parallel.forEach(numbers.count, threads: threads) { i throws(DalleError) in
            let number = numbers.lowerBound + i
            try verify(index, number)
            let chunk = tensor.chunks[number]
            let part = tensor.byteRange(ofChunk: number)
            do throws(DalleError) {
                try decoded.fill(part.lowerBound - first..<part.upperBound - first) { target throws(DalleError) in
                    try file.withUnsafeBytes(chunk.range) { encoded throws(DalleError) in
                        try ChunkCodec.decode(
                            encoded, chunk.encoding, elementSize: tensor.dtype.byteCount, into: target)
                    }
                }
            } catch {
                throw error.located(file: path, item: tensor.name, offset: chunk.range.lowerBound)
            }
            file.release(chunk.range)
        }
        return decoded.extracting(range.lowerBound - first..<range.upperBound - first)
    }

    private func verify(_ index: Int, _ number: Int, always: Bool = false) throws(DalleError) {
        let flag = firstChunk[index] + number
        if !always, verified.withLock({ $0[flag] }) { return }
        let chunk = tensors[index].chunks[number]
        guard file.withUnsafeBytes(chunk.range, Checksum.chunk) == chunk.checksum else {
            throw DalleError(
                .badData, "chunk \(number) is damaged: its checksum does not match",
                remedy: "Copy or convert the file again",
                file: path, item: tensors[index].name, offset: chunk.range.lowerBound)
        }
        verified.withLock { $0[flag] = true }
    }

    private func checkPadding() throws(DalleError) {
        var end = FileHead.byteCount
        for chunk in tensors.lazy.flatMap(\.chunks) {
            let gap = end..<chunk.range.lowerBound
            guard file.withUnsafeBytes(gap, { $0.allSatisfy { $0 == 0 } }) else {
                throw DalleError(.badData, "the padding is damaged", file: path, offset: end)
            }
            end = chunk.range.upperBound
        }
    }
}
