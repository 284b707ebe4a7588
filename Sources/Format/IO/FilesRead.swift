import DalleThreads

/// All files that this process has opened to read, by their paths.
///
/// A command reads more than its options name: settings, tokenizers and shards lie beside a checkpoint.
enum FilesRead {
    private static let all = Monitor<Set<String>>([])

    static var paths: Set<String> { all.withLock { $0 } }

    static func add(_ path: String) { all.withLock { _ = $0.insert(path) } }
}
