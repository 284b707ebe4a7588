import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file written beside its final name, which it gets only when it is whole.
///
/// If `commit()` is not reached, nothing is left: the partial file is removed when the object goes, and by
/// `removeAllPartial()` when the process is interrupted.
public final class AtomicFile {
    public let path: String
    private let partialPath: String
    private let descriptor: Descriptor
    private let replacing: Bool
    private var committed = false
    /// Bytes appended so far.
    private(set) var count = 0

    private static let partialFiles = Mutex<Set<String>>([])

    /// - Parameter replacing: an existing file at `path` may be replaced.
    /// - Throws: `cannotWrite` when `path` exists and may not be replaced, or cannot be written.
    public init(_ path: String, replacing: Bool) throws(DalleError) {
        switch PathKind(path) {
        case .directory:
            throw DalleError(.cannotWrite, "is a directory", remedy: "Name a file with -o", file: path)
        case .file where !replacing:
            throw AtomicFile.exists(path)
        default:
            break
        }
        self.path = path
        self.replacing = replacing
        partialPath = "\(path).partial-\(getpid())"
        unlink(partialPath)  // from an earlier process of the same number that was killed
        descriptor = try Descriptor.creating(partialPath)
        let name = partialPath
        AtomicFile.partialFiles.withLock { _ = $0.insert(name) }
    }

    deinit {
        if !committed {
            unlink(partialPath)
            forget()
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(DalleError) {
        try write(bytes, at: count)
        count += bytes.count
    }

    public func append(_ bytes: [UInt8]) throws(DalleError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(DalleError) in try append(bytes) }
    }

    /// Sets the next bytes aside, to be written by `write`.
    func reserve(_ byteCount: Int) -> Range<Int> {
        defer { count += byteCount }
        return count..<count + byteCount
    }

    /// Writes over bytes that are already there.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(DalleError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(DalleError) in try write(bytes, at: offset) }
    }

    /// Puts everything on the disk and gives the file its name.
    public func commit() throws(DalleError) {
        guard fsync(descriptor.number) == 0 else { throw failure() }
        if replacing {
            guard rename(partialPath, path) == 0 else { throw failure() }
        } else if link(partialPath, path) == 0 {
            unlink(partialPath)
        } else if errno == EEXIST {
            throw AtomicFile.exists(path)
        } else {
            // A file system without hard links.
            guard rename(partialPath, path) == 0 else { throw failure() }
        }
        committed = true
        forget()
        syncDirectory()
    }

    /// Removes what is half-written; for a process that is about to end on a signal.
    public static func removeAllPartial() {
        partialFiles.withLock { names in
            for name in names { unlink(name) }
            names = []
        }
    }

    /// Writes at a place that was reserved; several threads may do so at once.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DalleError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let written = pwrite(descriptor.number, rest.baseAddress, rest.count, off_t(offset + done))
            if written < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            done += written
        }
    }

    private func syncDirectory() {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let number = open(directory, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return }
        fsync(number)
        close(number)
    }

    private func forget() {
        let name = partialPath
        AtomicFile.partialFiles.withLock { _ = $0.remove(name) }
    }

    private func failure() -> DalleError {
        let full = errno == ENOSPC || errno == EDQUOT
        return DalleError(
            .cannotWrite, "cannot be written: \(systemMessage()), after \(count) bytes",
            remedy: full ? "Free some space or choose another place with -o" : nil, file: path)
    }

    private static func exists(_ path: String) -> DalleError {
        DalleError(
            .cannotWrite, "exists already", remedy: "Give --force to replace it, or another name with -o", file: path)
    }
}
