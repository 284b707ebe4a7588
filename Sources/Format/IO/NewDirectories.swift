internal import CSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Directories that are made for outputs.
///
/// Those of them that nothing lies in are removed when a signal ends a command, and by `removeEmpty()`, to be called when
/// the outputs are written or have failed.
public struct NewDirectories {
    private var made: [(path: String, note: OpaquePointer?)] = []

    public init() {}

    public mutating func removeEmpty() {
        // The deepest first.
        for directory in made.reversed() {
            csys_forget(directory.note)
            rmdir(directory.path)
        }
        made = []
    }

    /// Makes a directory and those above it, as far as they are not there.
    ///
    /// - Throws: `cannotWrite`.
    public mutating func make(_ path: String) throws(DalleError) {
        var missing: [String] = []
        var next = path
        while PathKind(next) == .nothing, next != ".", next != "/" {
            missing.append(next)
            next = OutputPath.directory(of: next)
        }
        for directory in missing.reversed() {
            if mkdir(directory, 0o777) == 0 {
                made.append((directory, csys_note_directory(directory)))
            } else if errno != EEXIST {
                throw DalleError(
                    .cannotWrite, "cannot be made a directory: \(systemMessage())",
                    remedy: "Choose another place with -o", file: directory)
            }
        }
        guard PathKind(path) == .directory else {
            throw DalleError(
                .cannotWrite, "is no directory", remedy: "Choose another place with -o", file: path)
        }
    }
}
