/// The bytes of a tensor or of a part of it: borrowed from a mapped file or owned.
public final class TensorBytes: Sendable {
    private enum Owner: Sendable {
        case file(MappedFile, Range<Int>)
        case memory(Memory<UInt8>, Range<Int>)
    }

    private let owner: Owner

    init(_ file: MappedFile, _ range: Range<Int>) { owner = .file(file, range) }

    /// Memory to be filled, aligned for vector loads.
    ///
    /// - Throws: `noMemory` when there is not so much.
    init(allocating count: Int) throws(DalleError) {
        owner = .memory(try Memory(count, for: "a tensor", returnsPages: true), 0..<count)
    }

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
