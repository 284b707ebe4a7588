import DalleFormat

/// Finds what belongs to a checkpoint.
public enum CheckpointFiles {
    /// The directory that `source` is or lies in.
    public static func directory(of source: String) -> String {
        if PathKind(source) == .directory { return source }
        return source.lastIndex(of: "/").map { $0 == source.startIndex ? "/" : String(source[..<$0]) } ?? "."
    }

    /// The path of a file in the directory that `source` is or lies in.
    public static func beside(_ source: String, _ name: String) -> String {
        let directory = directory(of: source)
        return directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }
}
