import DalleFormat
import DalleThreads

/// A checksum test of a storage's bytes, run once, before their first use, for all tensors that share them.
final class IntegrityCheck: Sendable {
    private let isDone = Monitor(false)
    private let body: @Sendable () throws(DalleError) -> Void

    init(_ body: @escaping @Sendable () throws(DalleError) -> Void) { self.body = body }

    func run() throws(DalleError) {
        try isDone.withLock { isDone throws(DalleError) in
            guard !isDone else { return }
            try body()
            isDone = true
        }
    }
}
