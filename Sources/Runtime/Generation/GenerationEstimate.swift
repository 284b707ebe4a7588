/// How far a generation is as a whole, and when it will be over.
///
/// What is to come is taken from `GenerationCost`, in proportion to what was measured of the same stage on the way: of the
/// codes as soon as there are some, of the pictures from the first on. Before it, codes that take longer than expected
/// may do so because memory is slow, which pictures hardly notice, or since the whole machine is: half way between.
public struct GenerationEstimate: Sendable {
    private struct Stage {
        /// What the cost says of all of it, and of what is done.
        var expected = 0.0
        var done = 0.0
        /// What is done took so long, of which so much was expected.
        var seconds = 0.0
        var measured = 0.0

        /// How much slower than expected; nil before anything was measured.
        var slowness: Double? { measured > 0 ? seconds / measured : nil }
        var remaining: Double { max(expected - done, 0) }

        mutating func advance(to cost: Double, in seconds: Double, counts: Bool) {
            if counts, cost > done {
                measured += cost - done
                self.seconds += seconds
            }
            done = max(done, cost)
        }
    }

    private let cost: GenerationCost
    private let images: Int
    private let batch: Int
    private var opening = Stage()
    private var drawing = Stage()
    private var painting = Stage()
    private var last = 0.0
    private var codesDrawn = 0

    /// - Parameters:
    ///   - prompts: Texts that are encoded, the unconditional one too.
    ///   - images: Pictures in all.
    ///   - batch: Pictures whose codes are drawn together.
    public init(_ cost: GenerationCost, prompts: Int, images: Int, batch: Int) {
        self.cost = cost
        self.images = images
        self.batch = max(min(batch, images), 1)
        opening.expected = cost.prompt * Double(prompts) + cost.loading
        drawing.expected = drawn(cost.length * images)
        painting.expected = cost.picture * Double(images)
    }

    /// Takes notice of what happened, so many seconds after the start.
    public mutating func note(_ event: ImageGenerator.Event, at seconds: Double) {
        let passed = seconds - last
        switch event {
        case .encoding(let done, let total):
            let share = Double(done) / Double(max(total, 1))
            opening.advance(to: (opening.expected - cost.loading) * share, in: passed, counts: true)
        case .loading(let done, let total):
            let share = Double(done) / Double(max(total, 1))
            opening.advance(to: opening.expected - cost.loading * (1 - share), in: passed, counts: true)
        case .drawing(let done, _):
            opening.done = opening.expected
            // Weights come from the disk with the first code.
            let isFirst = codesDrawn == 0
            codesDrawn = done
            drawing.advance(to: drawn(done), in: passed, counts: !isFirst)
        case .painting(let done, _):
            painting.advance(to: cost.picture * Double(done), in: passed, counts: true)
        case .shortened:
            return
        }
        last = seconds
    }

    /// Seconds until all is over; nil before codes were drawn, from which the machine's speed is known.
    public func secondsLeft(at seconds: Double) -> Double? {
        guard let drawn = drawing.slowness else { return nil }
        let left = drawing.remaining * drawn + painting.remaining * (painting.slowness ?? drawn.squareRoot())
        return max(left - (seconds - last), 0)
    }

    /// What is done of the whole, from 0 to 1.
    public func share(at seconds: Double) -> Double {
        if let left = secondsLeft(at: seconds) { return seconds / max(seconds + left, 1e-9) }
        let expected = opening.expected + drawing.expected + painting.expected
        return (opening.done + drawing.done) / max(expected, 1e-9)
    }

    /// The cost of the first `codes` of all pictures, which come batch by batch.
    private func drawn(_ codes: Int) -> Double {
        let length = cost.length
        var (rest, seconds, left) = (codes, 0.0, images)
        while rest > 0, left > 0 {
            let together = min(batch, left)
            let part = min(rest, together * length)
            seconds += cost.drawing(part / together, images: together)
            rest -= part
            left -= together
        }
        return seconds
    }
}
