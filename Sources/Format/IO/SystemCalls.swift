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

    private init(_ number: Int32) { self.number = number }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Opens `path` for reading.
    ///
    /// - Throws: `missingInput` when it cannot be opened or is no regular file.
    static func reading(_ path: String) throws(DalleError) -> Descriptor {
        let descriptor = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard descriptor.number >= 0 else {
            throw DalleError(.missingInput, "cannot be opened: \(systemMessage())", file: path)
        }
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DalleError(.missingInput, "is not a regular file", file: path)
        }
        return descriptor
    }

    /// Creates `path`, which must not exist.
    static func creating(_ path: String) throws(DalleError) -> Descriptor {
        let descriptor = Descriptor(open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666))
        guard descriptor.number >= 0 else {
            throw DalleError(
                .cannotWrite, "cannot be created: \(systemMessage())",
                remedy: "Choose another place with -o", file: path)
        }
        return descriptor
    }

    /// Size in bytes now.
    func size(of path: String) throws(DalleError) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0, let size = Int(exactly: status.st_size) else {
            throw DalleError(.missingInput, "cannot be measured: \(systemMessage())", file: path)
        }
        return size
    }
}

/// What is at a path.
public enum PathKind: Sendable {
    case nothing, file, directory

    public init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .nothing
            return
        }
        self = status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }
}
