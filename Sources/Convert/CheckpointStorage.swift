import DalleFormat

/// The bytes behind a checkpoint's tensor: one chunk of a mapped file, several consecutive chunks, or bytes that are derived
/// from the file (decompressed) when they are first needed.
///
/// Several chunks occur in Flax checkpoints, which split arrays of more than 2^30 bytes.
struct CheckpointStorage: Sendable {
    struct Chunk: Sendable {
        let file: MappedFile
        let range: Range<Int>
    }

    let elementSize: Int
    /// Elements in each chunk; the last may have fewer.
    private let elementsPerChunk: Int
    private let chunks: [Chunk]
    /// Elements in all.
    let count: Int
    private let check: IntegrityCheck?
    /// The source of the single chunk that `opened()` returns.
    private var derived: DerivedBytes?

    /// - Parameter check: runs before the first element is read.
    /// - Throws: `badData` when a chunk does not hold a whole number of elements, or one before the last differs in size.
    init(_ chunks: [Chunk], elementSize: Int, check: IntegrityCheck? = nil) throws(DalleError) {
        self.check = check
        self.chunks = chunks
        self.elementSize = elementSize
        elementsPerChunk = max((chunks.first?.range.count ?? 0) / elementSize, 1)
        count = chunks.reduce(0) { $0 + $1.range.count } / elementSize
        for (index, chunk) in chunks.enumerated() {
            let size = chunk.range.count
            let fits =
                index < chunks.count - 1
                ? size == elementsPerChunk * elementSize : size <= elementsPerChunk * elementSize
            guard fits, size % elementSize == 0, chunk.range.lowerBound >= 0, chunk.range.upperBound <= chunk.file.count
            else {
                throw DalleError(
                    .badData,
                    "a piece of \(size) bytes at \(chunk.range) does not hold elements of \(elementSize) bytes",
                    file: chunk.file.path, offset: chunk.range.lowerBound)
            }
        }
    }

    /// Derived bytes, as one chunk.
    ///
    /// - Throws: `badData` when they do not hold a whole number of elements.
    init(_ bytes: DerivedBytes, elementSize: Int) throws(DalleError) {
        guard bytes.byteCount % elementSize == 0 else {
            throw DalleError(
                .badData, "\(bytes.byteCount) bytes do not hold elements of \(elementSize) bytes")
        }
        (check, chunks, derived) = (nil, [], bytes)
        self.elementSize = elementSize
        count = bytes.byteCount / elementSize
        elementsPerChunk = max(count, 1)
    }

    /// The same bytes as elements of another size; trailing bytes that do not fill an element are dropped.
    func viewed(elementSize: Int) throws(DalleError) -> CheckpointStorage {
        if let derived { return try CheckpointStorage(derived, elementSize: elementSize) }
        let chunks = chunks.map { chunk in
            let byteCount = chunk.range.count / elementSize * elementSize
            return Chunk(file: chunk.file, range: chunk.range.lowerBound..<chunk.range.lowerBound + byteCount)
        }
        return try CheckpointStorage(chunks, elementSize: elementSize, check: check)
    }

    /// The storage with its bytes in memory or mapped, and verified where the container has a checksum.
    ///
    /// Reading requires an opened storage.
    func opened() throws(DalleError) -> CheckpointStorage {
        try check?.run()
        guard let derived else { return self }
        let bytes = try derived.bytes()
        return try CheckpointStorage(
            [Chunk(file: bytes, range: 0..<count * elementSize)], elementSize: elementSize)
    }

    /// Whether another storage has the same byte ranges of the same files.
    func isSame(as other: CheckpointStorage) -> Bool {
        derived?.source == other.derived?.source && chunks.count == other.chunks.count
            && zip(chunks, other.chunks).allSatisfy { $0.file.path == $1.file.path && $0.range == $1.range }
    }

    /// Calls `body` with each contiguous run of bytes of an element range.
    func forEachContiguousRun(_ elements: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = elements.lowerBound
        while start < elements.upperBound {
            let number = start / elementsPerChunk
            let end = min(elements.upperBound, (number + 1) * elementsPerChunk)
            withChunk(number) { bytes in
                let first = (start - number * elementsPerChunk) * elementSize
                body(UnsafeRawBufferPointer(rebasing: bytes[first..<(first + (end - start) * elementSize)]))
            }
            start = end
        }
    }

    /// The bytes of an element range, if they lie in one chunk.
    func withContiguousBytes(_ elements: ClosedRange<Int>, _ body: (UnsafeRawPointer) -> Void) -> Bool {
        let number = elements.lowerBound / elementsPerChunk
        guard number == elements.upperBound / elementsPerChunk else { return false }
        withChunk(number) { bytes in
            if let base = bytes.baseAddress {
                body(base + (elements.lowerBound - number * elementsPerChunk) * elementSize)
            }
        }
        return true
    }

    /// Gives the pages of an element range back to the system.
    func release(_ elements: Range<Int>) {
        if let derived {
            // Derived bytes are all derived again at once, so they are dropped only as a whole.
            if elements == 0..<count { derived.drop() }
            return
        }
        guard !elements.isEmpty else { return }
        for number in elements.lowerBound / elementsPerChunk...(elements.upperBound - 1) / elementsPerChunk {
            let chunk = chunks[number]
            let first = max(elements.lowerBound - number * elementsPerChunk, 0) * elementSize
            let last =
                min(elements.upperBound - number * elementsPerChunk, chunk.range.count / elementSize) * elementSize
            chunk.file.release(chunk.range.lowerBound + first..<chunk.range.lowerBound + last)
        }
    }

    private func withChunk(_ number: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        chunks[number].file.withUnsafeBytes(chunks[number].range, body)
    }
}
