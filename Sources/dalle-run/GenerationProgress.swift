import CommandSupport
import DalleRuntime

/// Shows the stages of a generation one after the other.
final class GenerationProgress {
    private let mode: ProgressMode
    private var stage = ""
    private var display: ProgressDisplay?

    init(_ mode: ProgressMode) { self.mode = mode }

    func show(_ event: ImageGenerator.Event) {
        switch event {
        case .encoding(let done, let total): show("encoding", done, total)
        case .loading(let done, let total): show("loading", done, total)
        case .drawing(let done, let total): show("drawing", done, total)
        case .painting: show("painting", 0, 1)
        case .shortened: break
        }
    }

    /// Makes room for other output.
    func clear() { display?.finish() }

    private func show(_ stage: String, _ done: Int, _ total: Int) {
        if stage != self.stage {
            clear()
            self.stage = stage
            display = ProgressDisplay(stage, total: total, unit: .steps, mode: mode)
        }
        display?.advance(to: done)
    }
}
