internal import CSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file's bytes, mapped read-only for as long as the object lives.
///
/// The length is taken once, at opening. Another process that cuts the file shorter meanwhile makes the system stop
/// this one (SIGBUS), as with every mapping; commands then name the file. Models are replaced by renaming, which is safe.
public final class MappedFile: Sendable {
    public let path: String
    public let count: Int
    /// The file as it was when it was opened; nil for bytes that were made.
    let state: FileState?
    // Read-only pages, unmapped in deinit: sharing them between threads is safe.
    private nonisolated(unsafe) let base: UnsafeRawPointer?
    /// Whether the pages can be fetched again.
    private let isOfFile: Bool
    /// For a signal that says that the file is no longer there.
    private nonisolated(unsafe) let note: OpaquePointer?

    /// - Throws: `missingInput` when `path` cannot be opened or mapped, `noMemory` when there is no address space for it.
    public init(_ path: String) throws(DalleError) {
        let descriptor = try Descriptor.reading(path)
        self.path = path
        let state = try descriptor.state(of: path)
        self.state = state
        isOfFile = true
        count = state.byteCount
        SourceWatch.current?.note(path, state)
        guard count > 0 else {
            base = nil
            note = nil
            return
        }
        guard let pages = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor.number, 0), pages != MAP_FAILED else {
            throw DalleError.noMap(count, of: path, .missingInput, "cannot be mapped")
        }
        base = UnsafeRawPointer(pages)
        note = csys_note_mapping(PlainText.line(path, maximumLength: 4096), pages, count)
    }

    /// Pages that are mapped already and that the object takes over.
    init(path: String, base: UnsafeRawPointer?, count: Int, isOfFile: Bool) {
        (self.path, self.base, self.count, self.isOfFile, state, note) = (path, base, count, isOfFile, nil, nil)
    }

    deinit {
        csys_forget(note)
        if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
    }

    /// All bytes.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: count))
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// What to throw when a system call finds that an address is no longer in memory.
    static func cutShort(_ address: UnsafeRawPointer?) -> DalleError {
        let name = address.flatMap { csys_mapped_name($0) }
        defer { free(name) }
        return DalleError(
            .badData, "was cut short, or its disk failed, while it was read", remedy: "Run again when it is whole",
            file: name.map { String(cString: $0) })
    }

    /// The bytes of a range that lies inside the file.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return try body(UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count))
    }

    /// Lets the system take the pages of a range back; the next read fetches them again.
    ///
    /// Keeps the resident memory of a pass over a large file at the part being worked on.
    public func release(_ range: Range<Int>) {
        guard let base, isOfFile, !range.isEmpty else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = range.lowerBound / page * page
        let end = min(range.upperBound, count)
        madvise(UnsafeMutableRawPointer(mutating: base) + start, end - start, MADV_DONTNEED)
    }
}

extension DalleError {
    /// For a mapping that has just failed: for want of address space, or else for what the system says.
    static func noMap(_ count: Int, of path: String, _ code: Code, _ message: String) -> DalleError {
        errno == ENOMEM
            ? noMemory(count, for: "the file").located(file: path)
            : DalleError(code, "\(message): \(systemMessage())", file: path)
    }
}
