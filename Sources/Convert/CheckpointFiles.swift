import DalleFormat

/// Finds what belongs to a checkpoint.
public enum CheckpointFiles {
    /// The path of a file in the directory `source` is or lies in.
    public static func beside(_ source: String, _ name: String) -> String {
        if PathKind(source) == .directory { return source.hasSuffix("/") ? source + name : "\(source)/\(name)" }
        return (source.lastIndex(of: "/").map { String(source[...$0]) } ?? "") + name
    }
}
