internal import CSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What tells one file from another, whatever it is called and whether it is there yet.
struct FileIdentity: Hashable {
    /// A name that is not there yet, below a directory.
    private enum Name: Hashable {
        /// Two spellings of a letter are two names, as in most file systems of Linux.
        case exact([UInt8])
        /// Case and spelling make no difference.
        case folded(String)
    }

    /// Of the file, or of the deepest directory above it that is there.
    private let device: UInt64
    private let number: UInt64
    private let names: [Name]

    /// Nil when there is nothing at `path` and no directory above it.
    init?(_ path: String) {
        var status = stat()
        var path = OutputPath.resolved(path)
        var missing: [String] = []
        while stat(path, &status) != 0 {
            let (directory, name) = (OutputPath.directory(of: path), OutputPath.name(of: path))
            // Links that lead into themselves make longer and longer paths.
            guard directory != path, path.utf8.count < PATH_MAX else { return nil }
            if !["", "."].contains(name) { missing.append(name) }
            path = OutputPath.resolved(directory)
        }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        let ignoresCase = !missing.isEmpty && csys_ignores_case(path)
        names = missing.reversed().map { ignoresCase ? .folded($0.lowercased()) : .exact(Array($0.utf8)) }
    }

    /// The regular file that is open at a descriptor; nil when there is none.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        names = []
    }
}
