import DalleThreads

/// The progress of work that has one stage, and so is done evenly.
public final class ProgressDisplay: Sendable {
    private struct State {
        var done = 0
        /// Done when the first report came, and when that was: what the speed is measured from.
        var origin: (done: Int, seconds: Double)?
    }

    private let stage: String
    private let total: Int
    private let unit: ProgressReport.Unit
    private let screen: ProgressScreen
    private let state = Monitor(State())

    public init(_ stage: String, total: Int, unit: ProgressReport.Unit, mode: ProgressMode) {
        self.stage = stage
        self.total = max(total, 1)
        self.unit = unit
        screen = ProgressScreen(mode)
    }

    /// Counts `count` more as done.
    public func advance(by count: Int) { show { $0.done += count } }

    /// Sets how much is done.
    public func advance(to count: Int) { show { $0.done = count } }

    /// Removes the bar.
    public func finish() { screen.clear() }

    private func show(_ change: (inout State) -> Void) {
        let seconds = screen.seconds
        let (done, rate) = state.withLock { state in
            change(&state)
            let origin = state.origin ?? (state.done, seconds)
            state.origin = origin
            return (state.done, Double(state.done - origin.done) / max(seconds - origin.seconds, 1e-9))
        }
        screen.show {
            ProgressReport(
                stage: stage, done: done, total: total, unit: unit, rate: rate > 0 ? rate : nil,
                secondsLeft: rate > 0 ? Double(max(total - done, 0)) / rate : nil)
        }
    }
}
