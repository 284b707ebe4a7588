import Dispatch
import Synchronization

/// Work on independent items, spread over threads.
public enum Parallel {
    /// Calls `body` for each index below `count` on up to `threads` threads.
    ///
    /// - Throws: the error of the lowest index that failed, so that a failure reads the same however it was spread.
    public static func forEach(
        _ count: Int, threads: Int, _ body: @Sendable (Int) throws(DalleError) -> Void
    ) throws(DalleError) {
        let workers = min(threads, count)
        if workers <= 1 {
            for index in 0..<count { try body(index) }
            return
        }
        let next = Atomic(0)
        let failure = Mutex<(index: Int, error: DalleError)?>(nil)
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                do throws(DalleError) {
                    try body(index)
                } catch {
                    failure.withLock { first in
                        if index < first?.index ?? count { first = (index, error) }
                    }
                    next.store(count, ordering: .relaxed)
                }
            }
        }
        if let failed = failure.withLock({ $0 }) { throw failed.error }
    }
}
