/// Work that is done in the order in which it is handed over, by a thread of its own: or, where the system gives none, at
/// once by whoever hands it over.
package final class SerialWork: Sendable {
    private struct State {
        /// What waits, the next one last.
        var jobs: [@Sendable () -> Void] = []
        var isBusy = false
        var isOver = false
        /// A thread does the jobs: its own, or that of whoever handed over the first of them.
        var hasWorker = true
        /// That thread waits for more; others go on with what they came for.
        var waits = true
    }

    private let state: Monitor<State>

    package init() {
        let state = Monitor(State())
        self.state = state
        // The thread holds the state, not this object: it ends when this goes.
        guard WorkerThread({ Self.work(state) }) == nil else { return }
        state.change { ($0.hasWorker, $0.waits) = (false, false) }
    }

    deinit { state.change { $0.isOver = true } }

    package func add(_ job: @escaping @Sendable () -> Void) {
        let isIdle = state.change { state in
            state.jobs.insert(job, at: 0)
            defer { state.hasWorker = true }
            return !state.hasWorker
        }
        // What this job hands over, and others meanwhile, comes after it.
        if isIdle { Self.work(state) }
    }

    /// Waits until all that was handed over is done.
    package func wait() { state.wait { $0.jobs.isEmpty && !$0.isBusy ? () : nil } }

    private static func work(_ state: Monitor<State>) {
        while doNext(state) { state.change { $0.isBusy = false } }
    }

    /// Does the next job, and lets go of it: whoever waits for its end may be the last to hold what it works on.
    ///
    /// - Returns: false at the end of all.
    @inline(never)
    private static func doNext(_ state: Monitor<State>) -> Bool {
        let job: (@Sendable () -> Void)? = state.wait { state in
            if let next = state.jobs.popLast() {
                state.isBusy = true
                return .some(next)
            }
            guard state.isOver || !state.waits else { return nil }
            state.hasWorker = false
            return .some(nil)
        }
        job?()
        return job != nil
    }
}
