import Synchronization

/// Work on independent items, spread over threads.
package enum Parallel {
    /// Calls `body` for each index below `count` on up to `threads` threads, the caller's among them; on fewer where the
    /// system does not give so many.
    ///
    /// - Throws: the error of the lowest index that failed, so that a failure reads the same however it was spread.
    package static func forEach<Failure: Error>(
        _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Void
    ) throws(Failure) {
        let workers = min(threads, count)
        if workers <= 1 {
            for index in 0..<max(count, 0) { try body(index) }
            return
        }
        let items = Items<Failure>(count: count)
        withoutActuallyEscaping(body) { body in
            var helpers: [WorkerThread] = []
            while helpers.count < workers - 1, let helper = WorkerThread({ items.take(body) }) {
                helpers.append(helper)
            }
            items.take(body)
            helpers.forEach { $0.join() }
        }
        if let failed = items.failure.withLock({ $0 }) { throw failed.error }
    }

    /// Indices that each are taken once.
    private final class Items<Failure: Error>: Sendable {
        private let count: Int
        private let next = Atomic(0)
        let failure = Monitor<(index: Int, error: Failure)?>(nil)

        init(count: Int) { self.count = count }

        /// Takes one after the other until none are left or one has failed.
        func take(_ body: (Int) throws(Failure) -> Void) {
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                do throws(Failure) {
                    try body(index)
                } catch {
                    failure.withLock { first in
                        if index < first?.index ?? count { first = (index, error) }
                    }
                    next.store(count, ordering: .relaxed)
                }
            }
        }
    }
}
