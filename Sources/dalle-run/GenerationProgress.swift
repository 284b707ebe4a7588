import CommandSupport
import DalleRuntime

/// Shows how far a generation is, as a whole.
final class GenerationProgress {
    private let screen: ProgressScreen
    private var estimate: GenerationEstimate

    init(_ mode: ProgressMode, _ estimate: GenerationEstimate) {
        screen = ProgressScreen(mode)
        self.estimate = estimate
    }

    func show(_ event: GenerationEvent) {
        estimate.note(event, at: screen.seconds, atWork: ThreadTime.seconds)
        switch event {
        case .encoding(let done, let total): show("encoding", done, total)
        case .loading(let done, let total): show("loading", done, total)
        case .sampling(let done, let total): show("drawing", done, total)
        case .decoding(let done, let total): show("painting", done, total)
        case .truncated, .preview, .image: break
        }
    }

    /// Makes room for other output.
    func clear() { screen.clear() }

    private func show(_ stage: String, _ done: Int, _ total: Int) {
        let seconds = screen.seconds
        screen.show {
            ProgressReport(
                stage: stage, done: done, total: total, share: estimate.share(at: seconds),
                secondsLeft: estimate.secondsLeft(at: seconds))
        }
    }
}
