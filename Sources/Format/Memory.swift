#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A block of memory on a cache-line boundary, not cleared.
///
/// Whatever has a size that a model, a file or a request decides lies in such blocks: where the system refuses memory, Swift's
/// own allocations end the process, and these throw.
///
/// Threads may write different elements at the same time; that they differ is up to the caller.
public final class Memory<Element: BitwiseCopyable>: @unchecked Sendable {
    /// Valid while the object lives.
    public let base: UnsafeMutablePointer<Element>
    public let count: Int
    private let isMapped: Bool

    /// - Parameters:
    ///   - purpose: What the memory is for, in messages.
    ///   - returnsPages: Large blocks come from the system and go straight back to it: the allocator keeps freed ones, with
    ///     holes that add up to gigabytes over a model's layers. What is allocated again and again is better kept.
    /// - Throws: `noMemory` when there is not so much, or hardly anything would be left.
    public init(_ count: Int, for purpose: String, returnsPages: Bool = false) throws(DalleError) {
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard !overflow, count >= 0 else { throw .noMemory(.max, for: purpose) }
        isMapped = returnsPages && byteCount >= SystemMemory.mappedByteCount
        var block: UnsafeMutableRawPointer?
        if isMapped {
            block = SystemMemory.map(byteCount)
        } else if posix_memalign(&block, SystemMemory.alignment, max(byteCount, 1)) != 0 {
            block = nil
        }
        guard let block else { throw .noMemory(byteCount, for: purpose) }
        base = block.bindMemory(to: Element.self, capacity: count)
        self.count = count
        guard byteCount < SystemMemory.checkedByteCount || SystemMemory.has(0) else {
            throw .noMemory(byteCount, for: purpose)
        }
    }

    /// With a value in every element.
    public convenience init(repeating value: Element, count: Int, for purpose: String) throws(DalleError) {
        try self.init(count, for: purpose)
        elements.initialize(repeating: value)
    }

    deinit {
        if isMapped { SystemMemory.unmap(base, count * MemoryLayout<Element>.stride) } else { free(base) }
    }

    public var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

    /// The same as bytes.
    public var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(elements) }

    /// Memory for the time of a call.
    public static func lend<Result>(
        _ count: Int, for purpose: String,
        _ body: (UnsafeMutableBufferPointer<Element>) throws(DalleError) -> Result
    ) throws(DalleError) -> Result {
        let memory = try Memory(count, for: purpose)
        return try withExtendedLifetime(memory) { () throws(DalleError) in try body(memory.elements) }
    }
}

/// What the system has left.
public enum SystemMemory {
    fileprivate static let alignment = 64
    fileprivate static let mappedByteCount = 1 << 20
    /// Blocks of this size and more are followed by a look at what is left: the look costs little beside filling them.
    fileprivate static let checkedByteCount = 128 << 10
    /// For what is small, whose allocation ends the process when it is refused: texts, tables, threads, the libraries' own.
    private static let reserve = 16 << 20

    /// Looks whether there is so much beside what small things need, without keeping it: before arrays of a model's or a
    /// file's size are made.
    ///
    /// - Throws: `noMemory`.
    public static func require(_ byteCount: Int, for purpose: String) throws(DalleError) {
        guard has(byteCount) else { throw .noMemory(byteCount, for: purpose) }
    }

    static func has(_ byteCount: Int) -> Bool {
        // Address space is what limits refuse; untouched it costs nothing.
        let (wanted, overflow) = byteCount.addingReportingOverflow(reserve)
        guard !overflow, let space = map(wanted) else { return false }
        unmap(space, wanted)
        return true
    }

    /// The same for arrays of floats.
    public static func requireFloats(_ count: Int, for purpose: String) throws(DalleError) {
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        try require(overflow ? .max : byteCount, for: purpose)
    }

    static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let pages = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        return pages == MAP_FAILED ? nil : pages
    }

    fileprivate static func unmap(_ pages: UnsafeMutableRawPointer, _ byteCount: Int) { munmap(pages, byteCount) }
}

extension DalleError {
    /// The system refuses memory.
    ///
    /// - Parameters:
    ///   - byteCount: How much was wanted.
    ///   - purpose: What for.
    public static func noMemory(_ byteCount: Int, for purpose: String) -> DalleError {
        let size = byteCount < 1 << 20 ? "\(byteCount) bytes" : "\(byteCount >> 20) MiB"
        return DalleError(
            .noMemory, "there is not enough memory for \(purpose)\(byteCount > 0 ? ", which takes \(size)" : "")",
            remedy: "Close other programs, raise the limit (ulimit -v), use fewer --threads, or draw with --max-memory")
    }
}
