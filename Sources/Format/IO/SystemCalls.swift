#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The last failed system call's reason, in the system's words.
func systemMessage(_ number: Int32 = errno) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}

/// A file descriptor that is closed when it goes out of scope.
struct Descriptor: ~Copyable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Opens `path` for reading.
    ///
    /// Does not wait for a pipe's other end before it refuses it.
    ///
    /// - Throws: `missingInput` when it cannot be opened or is no regular file.
    static func reading(_ path: String) throws(DalleError) -> Descriptor {
        let descriptor = Descriptor(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
        guard descriptor.number >= 0 else {
            throw DalleError(.missingInput, "cannot be opened: \(systemMessage())", file: path)
        }
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DalleError(.missingInput, "is not a regular file", file: path)
        }
        FilesRead.add(path)
        return descriptor
    }

    /// A new file without a name in a directory: it is gone when the process ends, however that happens, unless it is
    /// given a name. Nil where the system cannot do that.
    static func unnamed(in directory: String) -> Descriptor? {
        #if os(Linux)
            // The kernel's O_TMPFILE, a macro that is not imported.
            let flags = 0o20_000_000 | O_DIRECTORY
            guard access("/proc/self/fd", X_OK) == 0 else { return nil }
            let number = open(directory, flags | O_RDWR | O_CLOEXEC, 0o666)
            guard number >= 0 else { return nil }
            // By this `removeLeftover` knows that somebody still has it.
            flock(number, LOCK_EX | LOCK_NB)
            return Descriptor(number)
        #else
            return nil
        #endif
    }

    /// A new file in a directory that no name leads to, on any system; nil when there can be none.
    static func temporary(in directory: String) -> Descriptor? {
        if let unnamed = unnamed(in: directory) { return unnamed }
        let path = "\(directory)/dalle-\(getpid())-\(UInt64.random(in: .min ... .max))"
        let number = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else { return nil }
        unlink(path)
        return Descriptor(number)
    }

    /// Gives a file from `unnamed` a name that must be free.
    ///
    /// - Returns: whether it was; `errno` says why not.
    func link(as path: String) -> Bool {
        #if os(Linux)
            linkat(AT_FDCWD, "/proc/self/fd/\(number)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
        #else
            false
        #endif
    }

    /// Removes a file that a process from `unnamed` gave a name before it was killed.
    ///
    /// - Returns: whether there is none there now; false while a process has it, or where it cannot be removed.
    @discardableResult
    static func removeLeftover(_ path: String) -> Bool {
        let descriptor = Descriptor(open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC))
        guard descriptor.number >= 0 else { return errno == ENOENT }
        var (opened, named) = (stat(), stat())
        guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK,
            fstat(descriptor.number, &opened) == 0, lstat(path, &named) == 0, opened.st_mode & S_IFMT == S_IFREG,
            opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
        else { return false }
        return unlink(path) == 0
    }

    /// Tells the system to put some bytes on the disk now, without waiting for it: else `fsync` finds all of them at the end.
    func startWriting(_ range: Range<Int>) {
        #if os(Linux)
            // Linux starts writing what it cannot forget yet.
            posix_fadvise(number, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
        #endif
    }

    /// Creates `path` or empties what an earlier process left there.
    ///
    /// - Parameter result: The file it is for, which messages name.
    /// - Throws: `cannotWrite` when it cannot be created or another process is writing it.
    static func creating(_ path: String, for result: String) throws(DalleError) -> Descriptor {
        let descriptor = Descriptor(open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666))
        guard descriptor.number >= 0 else {
            throw DalleError(
                .cannotWrite, "cannot be created: \(systemMessage())",
                remedy: "Choose another place with -o", file: result)
        }
        guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw DalleError(.cannotWrite, "is being written by another process", file: result)
        }
        guard ftruncate(descriptor.number, 0) == 0 else {
            throw DalleError(.cannotWrite, "cannot be written: \(systemMessage())", file: result)
        }
        return descriptor
    }

    /// The file as it is now.
    func state(of path: String) throws(DalleError) -> FileState {
        var status = stat()
        guard fstat(number, &status) == 0, let state = FileState(status) else {
            throw DalleError(.missingInput, "cannot be measured: \(systemMessage())", file: path)
        }
        return state
    }
}

/// Which file it is, and what tells whether it has been written to.
struct FileState: Sendable, Equatable {
    let byteCount: Int
    private let device: UInt64
    private let number: UInt64
    /// Of the last write, which a program may set, and of the last change to anything about the file, which none can.
    private let times: [Int]

    /// Nothing when there is no file at the path.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    fileprivate init?(_ status: stat) {
        guard let byteCount = Int(exactly: status.st_size) else { return nil }
        self.byteCount = byteCount
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        #if canImport(Darwin)
            let (written, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
            let (written, changed) = (status.st_mtim, status.st_ctim)
        #endif
        times = [written.tv_sec, written.tv_nsec, changed.tv_sec, changed.tv_nsec].map { Int($0) }
    }

    /// Whether it is the same file at all.
    func isSameFile(as other: FileState) -> Bool { device == other.device && number == other.number }
}

/// What is at a path.
public enum PathKind: Sendable {
    case nothing, file, directory
    /// A device, a pipe, a socket.
    case other

    public init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .nothing
            return
        }
        self =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .file
            default: .other
            }
    }
}
