import DalleThreads

/// The files that were opened while a source was read, to be compared at the end with what they were then.
///
/// A source is mapped, and its elements are fetched for as long as the result is being written: whoever writes to it
/// meanwhile makes a mixture of old and new, and no checksum of the result can tell.
public final class SourceWatch: Sendable {
    @TaskLocal public static var current: SourceWatch?

    private let seen = Monitor<[(path: String, state: FileState)]>([])

    private init() {}

    /// Does something that opens files; every one of them is watched by `current`.
    ///
    /// Inside another such call it is that one's files that grow.
    public static func watching<Result>(
        _ body: () throws(DalleError) -> Result
    ) throws(DalleError) -> Result {
        guard current == nil else { return try body() }
        let result: Swift.Result<Result, DalleError> = $current.withValue(SourceWatch()) {
            do throws(DalleError) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func note(_ path: String, _ state: FileState) {
        seen.withLock { $0.append((path, state)) }
    }

    /// - Throws: `badData` naming the first file that is not what it was when it was opened.
    public func check() throws(DalleError) {
        for (path, state) in seen.withLock({ $0 }) { try state.requireUnchanged(path) }
    }
}

extension FileState {
    /// - Throws: `badData` when the file at a path is another one now, or has been written to.
    func requireUnchanged(_ path: String) throws(DalleError) {
        let now = FileState(path)
        guard now != self else { return }
        let what =
            switch now {
            case nil: "was removed"
            case let now? where !now.isSameFile(as: self): "was replaced by another file"
            case let now? where now.byteCount != byteCount: "changed from \(byteCount) to \(now.byteCount) bytes"
            default: "was changed"
            }
        throw DalleError(
            .badData, "\(what) while it was read", remedy: "Run it again when nothing writes to it", file: path)
    }
}

extension MappedFile {
    /// - Throws: `badData` when the file is not what it was when it was opened.
    func requireUnchanged() throws(DalleError) { try state?.requireUnchanged(path) }
}
