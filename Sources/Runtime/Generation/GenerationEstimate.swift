/// How far a generation is as a whole, and when it will be over.
///
/// What is to come is taken from `GenerationCost`, in proportion to what was measured of the same stage on the way: of the
/// codes as soon as there are some, of the pictures from the first on. Before it, pictures are taken to be held up as the
/// codes were by what else runs, by how long the drawing thread waited for a processor. What makes codes slower beyond that
/// may be memory, which pictures hardly notice, or the whole machine: half way between.
public struct GenerationEstimate: Sendable {
    private struct Stage {
        /// What the cost says of all of it, and of what is done.
        var expected = 0.0
        var done = 0.0
        /// What is done took so long, of which so much was expected.
        var seconds = 0.0
        var measured = 0.0
        /// Of these, those in which the drawing thread had a processor.
        var atWork = 0.0

        /// How much slower than expected; nil before anything was measured.
        var slowness: Double? { measured > 0 ? seconds / measured : nil }
        /// How much slower than with a processor of one's own.
        var load: Double { atWork > 0 ? max(seconds / atWork, 1) : 1 }
        var remaining: Double { max(expected - done, 0) }

        mutating func advance(to cost: Double, in passed: Passed, counts: Bool = true) {
            if counts, cost > done {
                measured += cost - done
                seconds += passed.seconds
                atWork += passed.atWork
            }
            done = max(done, cost)
        }
    }

    /// Time between two events.
    private struct Passed {
        let seconds: Double
        let atWork: Double
    }

    private let cost: GenerationCost
    private let images: Int
    private let batch: Int
    private var opening = Stage()
    private var drawing = Stage()
    private var painting = Stage()
    private var last = Passed(seconds: 0, atWork: 0)
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
        painting.expected = painted(images)
    }

    /// Takes notice of what happened.
    ///
    /// - Parameters:
    ///   - seconds: Since the start.
    ///   - atWork: Of these, those in which the thread that draws had a processor; all, if that is not known.
    public mutating func note(_ event: GenerationEvent, at seconds: Double, atWork: Double? = nil) {
        let now = Passed(seconds: seconds, atWork: atWork ?? seconds)
        let passed = Passed(seconds: now.seconds - last.seconds, atWork: now.atWork - last.atWork)
        switch event {
        case .encoding(let done, let total):
            let share = Double(done) / Double(max(total, 1))
            opening.advance(to: (opening.expected - cost.loading) * share, in: passed)
        case .loading(let done, let total):
            let share = Double(done) / Double(max(total, 1))
            opening.advance(to: opening.expected - cost.loading * (1 - share), in: passed)
        case .sampling(let done, _):
            opening.done = opening.expected
            // Weights come from the disk with the first code.
            let isFirst = codesDrawn == 0
            codesDrawn = done
            drawing.advance(to: drawn(done), in: passed, counts: !isFirst)
        case .decoding(let done, _): painting.advance(to: painted(done), in: passed)
        case .truncated, .preview, .image: return
        }
        last = now
    }

    /// Seconds until all is over; nil before codes were drawn, from which the machine's speed is known.
    public func secondsLeft(at seconds: Double) -> Double? {
        guard let slowness = drawing.slowness else { return nil }
        let paintingSlowness = painting.slowness ?? (drawing.load * slowness).squareRoot()
        let left = drawing.remaining * slowness + painting.remaining * paintingSlowness
        return max(left - (seconds - last.seconds), 0)
    }

    /// What is done of the whole, from 0 to 1.
    public func share(at seconds: Double) -> Double {
        if let left = secondsLeft(at: seconds) { return seconds / max(seconds + left, 1e-9) }
        let expected = opening.expected + drawing.expected + painting.expected
        return (opening.done + drawing.done) / max(expected, 1e-9)
    }

    /// The cost of the first pictures, the first with what they are painted by.
    private func painted(_ pictures: Int) -> Double {
        pictures > 0 ? cost.painter + cost.picture * Double(pictures) : 0
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
