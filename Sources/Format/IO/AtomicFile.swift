internal import CSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file that gets its name only when it is whole.
///
/// Until `commit()` it has none where the system can do that (Linux: O_TMPFILE), and is gone with the process even when
/// that is killed; elsewhere it is called `NAME.partial`, is removed when the object goes or a signal ends a command, and
/// what a killed process left there is written over by the next. A symbolic link is followed.
///
/// A file without a name replaces another by way of the name `NAME.replacing`, which it has between two system calls; only a
/// process that is killed just there leaves it, whole, and the next that writes NAME removes it.
public final class AtomicFile {
    public let path: String
    /// Where the bytes go: `path`, or what it links to.
    private let target: String
    private let partialPath: String
    private let isNamed: Bool
    /// The named partial file, for a signal that ends the process.
    private let note: OpaquePointer?
    private let descriptor: Descriptor
    private let replacing: Bool
    private var committed = false
    /// Bytes appended so far.
    private(set) var count = 0
    /// Bytes on their way to the disk.
    private var flushed = 0

    /// What is handed to the system at a time. More makes Linux (6.18, ext4) look for longer stretches of memory for its
    /// cache, which takes ten times as long as the copying.
    private static let pieceByteCount = 64 << 10
    /// After so many more bytes the system is told to put them on the disk, while others are being made.
    private static let flushByteCount = 32 << 20

    /// How long another process that replaces the same file is waited for: milliseconds for two system calls.
    private static let patience = 5000

    /// - Parameter replacing: an existing file at `path` may be replaced.
    /// - Throws: `cannotWrite` when `path` exists and may not be replaced, or cannot be written.
    public convenience init(_ path: String, replacing: Bool) throws(DalleError) {
        try self.init(path, replacing: replacing, named: false)
    }

    /// - Parameter named: gives the partial file a name also where it could do without.
    init(_ path: String, replacing: Bool, named: Bool) throws(DalleError) {
        try OutputPath.check(path, replacing: replacing)
        self.path = path
        self.replacing = replacing
        target = OutputPath.resolved(path)
        partialPath = target + ".partial"
        if !named, let unnamed = Descriptor.unnamed(in: OutputPath.directory(of: target)) {
            descriptor = unnamed
            isNamed = false
            note = nil
            Descriptor.removeLeftover(asidePath)
        } else {
            descriptor = try Descriptor.creating(partialPath, for: path)
            isNamed = true
            note = csys_note_file(partialPath)
        }
    }

    deinit {
        if !committed, isNamed { unlink(partialPath) }
        csys_forget(note)
    }

    private var asidePath: String { target + ".replacing" }

    public func append(_ bytes: UnsafeRawBufferPointer) throws(DalleError) {
        try write(bytes, at: count)
        count += bytes.count
        if count - flushed >= Self.flushByteCount {
            descriptor.startWriting(flushed..<count)
            flushed = count
        }
    }

    public func append(_ bytes: [UInt8]) throws(DalleError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(DalleError) in try append(bytes) }
    }

    /// Takes back what was appended after the first `count` bytes.
    func truncate(to count: Int) throws(DalleError) {
        guard ftruncate(descriptor.number, off_t(count)) == 0 else { throw failure() }
        self.count = count
        flushed = min(flushed, count)
    }

    /// Writes over bytes that are already there.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(DalleError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(DalleError) in try write(bytes, at: offset) }
    }

    /// Puts everything on the disk and gives the file its name.
    public func commit() throws(DalleError) {
        guard fsync(descriptor.number) == 0 else { throw failure() }
        if isNamed { try nameFromPartial() } else { try nameUnnamed() }
        committed = true
        syncDirectory()
    }

    private func nameUnnamed() throws(DalleError) {
        if descriptor.link(as: target) { return }
        guard errno == EEXIST else { throw failure() }
        guard replacing else { throw OutputPath.exists(path) }
        // A link cannot replace, so the file first gets another name.
        for _ in 0..<Self.patience {
            if try replaceByWayOfAside() { return }
            if !Descriptor.removeLeftover(asidePath) { poll(nil, 0, 1) }
        }
        throw DalleError(.cannotWrite, "is being replaced by another process", file: path)
    }

    /// - Returns: whether the name aside was free.
    private func replaceByWayOfAside() throws(DalleError) -> Bool {
        csys_begin_step()
        defer { csys_end_step() }
        guard descriptor.link(as: asidePath) else {
            if errno == EEXIST { return false }
            throw failure()
        }
        if rename(asidePath, target) == 0 { return true }
        let error = failure()
        unlink(asidePath)
        throw error
    }

    private func nameFromPartial() throws(DalleError) {
        csys_begin_step()
        defer { csys_end_step() }
        // Not `rename` alone, which would replace a file that came meanwhile; but not every file system has links.
        if !replacing, link(partialPath, target) == 0 {
            unlink(partialPath)
            return
        }
        guard replacing || errno != EEXIST else { throw OutputPath.exists(path) }
        guard rename(partialPath, target) == 0 else { throw failure() }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DalleError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done..<min(done + Self.pieceByteCount, bytes.count)])
            let written = pwrite(descriptor.number, rest.baseAddress, rest.count, off_t(offset + done))
            if written < 0 {
                if errno == EINTR { continue }
                throw errno == EFAULT ? MappedFile.cutShort(rest.baseAddress) : failure()
            }
            done += written
        }
    }

    private func syncDirectory() {
        let number = open(OutputPath.directory(of: target), O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return }
        fsync(number)
        close(number)
    }

    private func failure() -> DalleError {
        let remedy: String? =
            switch errno {
            case ENOSPC, EDQUOT: "Free some space or choose another place with -o"
            case EFBIG: "Raise the limit of file sizes (ulimit -f)"
            default: nil
            }
        return DalleError(
            .cannotWrite, "cannot be written: \(systemMessage()), after \(count) bytes", remedy: remedy, file: path)
    }
}
