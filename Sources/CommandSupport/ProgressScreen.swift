public import ArgumentParser
import DalleThreads
import Foundation

/// How progress is shown.
public enum ProgressMode: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A bar on a terminal, else lines.
    case auto
    case bar
    /// A line of text now and then, for logs.
    case lines
    /// A JSON object in a line of its own for each step.
    case json
    case none
}

/// The place on standard error where progress is shown, one line that is drawn over.
public final class ProgressScreen: Sendable {
    private struct State {
        var stage = ""
        var lastShown: ContinuousClock.Instant?
        /// Columns of the bar that is there now.
        var barWidth = 0
    }

    private let mode: ProgressMode
    private let start = ContinuousClock.now
    private let state = Monitor(State())

    /// Time between two updates of a bar, and between two lines.
    private static let barInterval: Duration = .milliseconds(100)
    private static let lineInterval: Duration = .seconds(10)

    public init(_ mode: ProgressMode) {
        self.mode = mode == .auto ? (Terminal.isInteractive ? .bar : .lines) : mode
    }

    /// Whether every report is shown, so that each must be made.
    public var showsAll: Bool { mode == .json }

    /// Seconds since the work began.
    public var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Shows how far the work is, unless something was shown just now.
    ///
    /// - Parameter report: made only when it is shown.
    public func show(_ report: () -> ProgressReport) {
        switch mode {
        case .none, .auto: break
        case .json: Console.event(ProgressEvent(report(), seconds: seconds))
        case .bar: showBar(report)
        case .lines: showLine(report)
        }
    }

    /// Makes room for other output.
    public func clear() {
        state.withLock { state in
            guard state.barWidth > 0 else { return }
            Console.standardError(Self.erasing(state.barWidth))
            state.barWidth = 0
            state.lastShown = nil
        }
    }

    private func showBar(_ report: () -> ProgressReport) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastShown, now - last < Self.barInterval { return }
            let report = report()
            state.lastShown = now
            // The last column stays free: some terminals wrap when it is filled.
            let line = report.line(columns: max(Terminal.columns - 1, 1), isUTF8: Terminal.isUTF8)
            Console.standardError(Self.erasing(state.barWidth) + line)
            state.barWidth = line.count
        }
    }

    private func showLine(_ report: () -> ProgressReport) {
        state.withLock { state in
            let now = ContinuousClock.now
            guard now - (state.lastShown ?? start) >= Self.lineInterval else { return }
            state.lastShown = now
            Console.standardError(report().plainLine + "\n")
        }
    }

    /// What removes a bar; a window that became narrower has broken it into several lines.
    private static func erasing(_ width: Int) -> String {
        let above = max(width - 1, 0) / max(Terminal.columns, 1)
        return above > 0 ? "\r\u{1B}[\(above)A\u{1B}[J" : "\r\u{1B}[K"
    }
}

/// Progress as a program reads it.
private struct ProgressEvent: Encodable {
    let event = "progress"
    let stage: String
    let done: Int
    let total: Int
    let share: Double
    let seconds: Double
    let secondsLeft: Double?

    enum CodingKeys: String, CodingKey {
        case event, stage, done, total, share, seconds
        case secondsLeft = "seconds_left"
    }

    init(_ report: ProgressReport, seconds: Double) {
        stage = report.stage
        done = report.done
        total = report.total
        share = report.share.rounded(toPlaces: 4)
        self.seconds = seconds.rounded(toPlaces: 3)
        secondsLeft = report.secondsLeft.map { $0.rounded(toPlaces: 3) }
    }
}

extension Double {
    fileprivate func rounded(toPlaces places: Int) -> Double {
        let factor = pow(10, Double(places))
        return (self * factor).rounded() / factor
    }
}
