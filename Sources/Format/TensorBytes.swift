#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The bytes of a tensor or of a part of it: borrowed from a mapped file or owned.
public final class TensorBytes: Sendable {
    private enum Owner: Sendable {
        case file(MappedFile, Range<Int>)
        case memory(AlignedMemory, Range<Int>)
    }

    private let owner: Owner

    init(_ file: MappedFile, _ range: Range<Int>) { owner = .file(file, range) }

    /// Memory to be filled, aligned for vector loads.
    ///
    /// - Throws: `badData` when there is not so much.
    init(allocating count: Int) throws(DalleError) { owner = .memory(try AlignedMemory(count), 0..<count) }

    private init(_ owner: Owner) { self.owner = owner }

    public var count: Int {
        switch owner {
        case .file(_, let range), .memory(_, let range): range.count
        }
    }

    /// Whether the bytes lie in the file's own pages.
    public var isMapped: Bool {
        if case .file = owner { true } else { false }
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withExtendedLifetime(self) { () throws(Failure) in try body(buffer) }
    }

    /// The bytes, as long as the object is borrowed.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { _overrideLifetime(RawSpan(_unsafeBytes: buffer), borrowing: self) }
    }

    /// Valid while the object lives.
    var buffer: UnsafeRawBufferPointer {
        switch owner {
        case .file(let file, let range): file.withUnsafeBytes(range) { $0 }
        case .memory(let memory, let range): UnsafeRawBufferPointer(rebasing: memory.bytes[range])
        }
    }

    /// Lets the system take mapped pages back until they are read again.
    public func release() {
        if case .file(let file, let range) = owner { file.release(range) }
    }

    /// A part of these bytes, sharing them.
    func extracting(_ part: Range<Int>) -> TensorBytes {
        switch owner {
        case .file(let file, let range):
            TensorBytes(.file(file, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound))
        case .memory(let memory, let range):
            TensorBytes(.memory(memory, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound))
        }
    }

    /// Writes a range before the object is handed out; ranges filled at the same time must not overlap.
    func fill(
        _ range: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(DalleError) -> Void
    ) throws(DalleError) {
        guard case .memory(let memory, _) = owner else { preconditionFailure("mapped bytes are read-only") }
        try body(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[range]))
    }
}

/// A block of memory on a cache-line boundary.
final class AlignedMemory: Sendable {
    // Written only through `TensorBytes.fill` before others see it.
    nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer
    private let isMapped: Bool

    /// Large blocks come from the system and go straight back to it: the allocator keeps freed ones, with holes that add
    /// up to gigabytes over a model's layers.
    private static let mappedByteCount = 1 << 20

    init(_ count: Int) throws(DalleError) {
        isMapped = count >= Self.mappedByteCount
        var block: UnsafeMutableRawPointer?
        if isMapped {
            let pages = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
            block = pages == MAP_FAILED ? nil : pages
        } else if posix_memalign(&block, 64, max(count, 1)) != 0 {
            block = nil
        }
        // A file may claim any size: too much of it is its fault, and no reason to stop the process.
        guard let block else {
            throw DalleError(.badData, "takes \(count) bytes of memory, which there are not")
        }
        bytes = UnsafeMutableRawBufferPointer(start: block, count: count)
    }

    deinit {
        if isMapped { munmap(bytes.baseAddress, bytes.count) } else { free(bytes.baseAddress) }
    }
}
