import DalleRuntime

/// How long each stage of a generation took.
struct StageTimes {
    private var seconds: [(name: String, seconds: Double)] = []
    private var current = "start"
    private var since = ContinuousClock.now

    mutating func note(_ event: GenerationEvent) {
        let name: String? =
            switch event {
            case .encoding: "encoding"
            case .loading: "loading"
            case .sampling: "codes"
            case .decoding: "pixels"
            case .truncated, .preview, .image: nil
            }
        guard let name else { return }
        // Events come when a part is done.
        add(name)
        current = name
    }

    /// The stages with what came after the last event.
    mutating func finish() -> [(name: String, seconds: Double)] {
        add(current)
        return seconds
    }

    private mutating func add(_ name: String) {
        let now = ContinuousClock.now
        defer { since = now }
        let passed = (now - since) / .seconds(1)
        if let index = seconds.firstIndex(where: { $0.name == name }) {
            seconds[index].seconds += passed
        } else {
            seconds.append((name, passed))
        }
    }
}
