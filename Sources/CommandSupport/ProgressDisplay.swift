public import ArgumentParser
import Foundation
import Synchronization

/// How progress is shown.
public enum ProgressMode: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A bar when standard error is a terminal, else nothing.
    case auto
    case bar
    /// A JSON object in a line of its own for each step.
    case json
    case none
}

/// The progress of a stage of work, shown on standard error.
public final class ProgressDisplay: Sendable {
    private struct State {
        var done = 0
        var lastShown = -1.0
        /// Done when the first report came, and when that was: what the speed is measured from.
        var origin: (done: Int, seconds: Double)?
    }

    private let stage: String
    private let total: Int
    private let unit: Unit
    private let mode: ProgressMode
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    public enum Unit: Sendable { case steps, bytes }

    /// Seconds between two updates of a bar.
    private static let interval = 0.1

    public init(_ stage: String, total: Int, unit: Unit, mode: ProgressMode) {
        self.stage = stage
        self.total = max(total, 1)
        self.unit = unit
        self.mode = mode == .auto ? (isatty(2) != 0 ? .bar : .none) : mode
    }

    /// Counts `count` more as done.
    public func advance(by count: Int) { show { $0.done += count } }

    /// Sets how much is done.
    public func advance(to count: Int) { show { $0.done = count } }

    /// Removes the bar.
    public func finish() {
        if mode == .bar { StandardStream.error.write("\r\u{1B}[K") }
    }

    private func show(_ change: (inout State) -> Void) {
        guard mode != .none else { return }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let due: (Int, rate: Double)? = state.withLock { state in
            change(&state)
            if state.origin == nil { state.origin = (state.done, seconds) }
            let isDue = mode == .json || state.done >= total || seconds - state.lastShown >= Self.interval
            guard isDue else { return nil }
            state.lastShown = seconds
            let origin = state.origin ?? (0, 0)
            return (state.done, Double(state.done - origin.done) / max(seconds - origin.seconds, 1e-9))
        }
        guard let (done, rate) = due else { return }
        let line = mode == .json ? jsonLine(done, seconds) : "\r\u{1B}[K" + bar(done, rate)
        StandardStream.error.write(line)
    }

    private func jsonLine(_ done: Int, _ seconds: Double) -> String {
        "{\"stage\":\"\(stage)\",\"done\":\(done),\"total\":\(total),\"seconds\":"
            + String(format: "%.3f}\n", seconds)
    }

    private func bar(_ done: Int, _ rate: Double) -> String {
        guard total > 1 else { return "\(stage) …" }
        let share = min(Double(done) / Double(total), 1)
        let width = 24
        let filled = Int(share * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
        let counts =
            unit == .bytes ? "\(Readable.bytes(done)) of \(Readable.bytes(total))" : "\(done) of \(total)"
        guard rate > 0 else { return "\(stage) \(bar) \(counts)" }
        let speed = unit == .bytes ? "\(Readable.bytes(Int(rate)))/s" : String(format: "%.1f/s", rate)
        return "\(stage) \(bar) \(counts), \(speed), \(Readable.seconds(Double(total - done) / rate)) left"
    }
}
