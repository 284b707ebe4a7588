#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Looks, before long work begins, whether its result can be written.
public enum OutputPath {
    /// The name that stands for standard output where that can be.
    public static let standardOutput = "-"

    /// - Parameters:
    ///   - replacing: An existing file may be replaced.
    ///   - makingDirectory: Its directory will be made if it is not there.
    ///   - byteCount: At least so many bytes will be written.
    /// - Throws: `cannotWrite` with the reason and what to do.
    public static func check(
        _ path: String, replacing: Bool, makingDirectory: Bool = false, byteCount: Int = 0
    ) throws(DalleError) {
        guard path != standardOutput, !path.isEmpty else {
            throw DalleError(
                .cannotWrite,
                path.isEmpty
                    ? "is no name of a file"
                    : "this result has its name only when it is whole, which standard output has not",
                remedy: "Name a file", file: path.isEmpty ? "''" : path)
        }
        switch PathKind(path) {
        case .directory:
            throw DalleError(.cannotWrite, "is a directory", remedy: "Name a file in it with -o", file: path)
        case .other:
            throw DalleError(.cannotWrite, "is no regular file", remedy: "Name another with -o", file: path)
        case .file:
            guard replacing else { throw exists(path) }
        case .nothing:
            break
        }
        var directory = directory(of: resolved(path))
        if makingDirectory {
            while PathKind(directory) == .nothing, directory != ".", directory != "/" {
                directory = Self.directory(of: directory)
            }
        }
        guard PathKind(directory) == .directory else {
            throw DalleError(
                .cannotWrite, "there is no directory \(directory)", remedy: "Make it first", file: path)
        }
        guard access(directory, W_OK) == 0 else {
            throw DalleError(
                .cannotWrite, "the directory \(directory) cannot be written: \(systemMessage())",
                remedy: "Choose another place with -o", file: path)
        }
        if let free = freeBytes(directory), free < byteCount {
            throw DalleError(
                .cannotWrite, "needs \(byteCount) bytes, and \(free) are free there",
                remedy: "Free some space or choose another place with -o", file: path)
        }
    }

    /// The file that a symbolic link leads to, even if that is not there yet; any other path as it is.
    static func resolved(_ path: String) -> String {
        var path = path
        // As deep as Linux follows links.
        for _ in 0..<40 {
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &target, target.count)
            guard count > 0 else { break }
            let name = String(decoding: target.prefix(count), as: UTF8.self)
            path = name.hasPrefix("/") ? name : "\(directory(of: path))/\(name)"
        }
        return path
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    static func exists(_ path: String) -> DalleError {
        DalleError(
            .cannotWrite, "exists already", remedy: "Give --force to replace it, or another name with -o", file: path)
    }

    private static func freeBytes(_ directory: String) -> Int? {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        let (bytes, overflow) = Int(status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflow ? nil : bytes
    }
}
