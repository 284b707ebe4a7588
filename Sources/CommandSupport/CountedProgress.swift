/// The progress of work that says itself how many steps it has.
public final class CountedProgress: Sendable {
    private let stage: String
    private let screen: ProgressScreen

    public init(_ stage: String, _ mode: ProgressMode) {
        self.stage = stage
        screen = ProgressScreen(mode)
    }

    public func show(_ done: Int, of total: Int) {
        let seconds = screen.seconds
        screen.show {
            ProgressReport(
                stage: stage, done: done, total: total,
                secondsLeft: done > 0 ? seconds / Double(done) * Double(max(total - done, 0)) : nil)
        }
    }

    /// Removes the bar.
    public func finish() { screen.clear() }
}
