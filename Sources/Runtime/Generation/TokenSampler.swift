public import DalleFormat
public import DalleModels

/// Samples the tokens of images: one position of all of them at a time, each image at its own.
///
/// Rows whose images are done can be given to others at once, so that a pass over the weights serves as many as there is room
/// for.
public struct TokenSampler {
    /// Where the choice of a token comes from.
    public enum Choice: Sendable {
        /// The likeliest token.
        case greedy
        /// Random numbers of the image's own.
        case key(RandomKey)
        /// The numbers of an image in an array that some images share, as in one call of upstream's `generate`.
        case shared(RandomKey, image: Int, of: Int)
    }

    /// An image to be sampled.
    public struct Image: Sendable {
        /// Whose it is.
        public var id: Int
        public var prompt: any PreparedPrompt
        /// The prompt that says nothing; needed when the image is guided away from it.
        public var unconditional: (any PreparedPrompt)?
        public var processor: LogitsProcessor
        public var choice: Choice
        public var known = KnownTokens()
        /// The image is over with the end token and filled up with padding, as upstream's `generate` does when no minimal length
        /// is given. Otherwise the end token is never sampled.
        public var stopsAtEnd = false

        public init(
            id: Int, prompt: any PreparedPrompt, unconditional: (any PreparedPrompt)?, processor: LogitsProcessor,
            choice: Choice
        ) {
            self.id = id
            self.prompt = prompt
            self.unconditional = unconditional
            self.processor = processor
            self.choice = choice
        }

        var isGuided: Bool { processor.settings.conditionScale != 1 }
    }

    private struct Row {
        var image: Image
        var tokens: [Int] = []
        /// Tokens that the session has yet to take.
        var pending: [Int] = []
        var isOver = false

    }

    private let interface: TokenInterface
    private let session: any TokenSession
    private let acceptsNonFinite: Bool
    private var rows: [Row?]

    /// - Parameters:
    ///   - rows: Images that are sampled together, at most.
    ///   - isGuided: Whether some of them are guided away from the prompt that says nothing.
    ///   - acceptsNonFinite: Goes on from logits that are infinite or no numbers, for who holds them against others.
    public init(
        _ model: any ImageTokenModel, rows: Int, isGuided: Bool, acceptsNonFinite: Bool = false
    ) throws(DalleError) {
        interface = model.interface
        // One row with the prompt, one without.
        session = try model.session(rows: isGuided ? 2 * rows : rows)
        self.acceptsNonFinite = acceptsNonFinite
        self.rows = [Row?](repeating: nil, count: rows)
    }

    /// Images there is room for.
    public var freeRows: Int { rows.count { $0 == nil } }
    /// Whether no image is on its way.
    public var isEmpty: Bool { freeRows == rows.count }
    /// The tokens so far of all images on their way.
    public var tokens: [(id: Int, tokens: [Int])] { rows.compactMap { $0.map { ($0.image.id, $0.tokens) } } }

    /// Gives free rows to images.
    ///
    /// - Throws: `usage` when known tokens are not of the model.
    public mutating func start(_ images: [Image]) throws(DalleError) {
        var prompts: [(row: Int, prompt: any PreparedPrompt)] = []
        var unconditional = prompts
        for image in images {
            guard let free = rows.firstIndex(where: { $0 == nil }) else { preconditionFailure("no row is free") }
            try image.known.check(interface)
            var row = Row(image: image)
            if !image.stopsAtEnd, let end = interface.endToken { row.image.processor.suppressed.append(end..<end + 1) }
            takeKnown(&row)
            rows[free] = row
            prompts.append((free, image.prompt))
            if image.isGuided {
                guard let prompt = image.unconditional else {
                    preconditionFailure("guidance needs a prompt that says nothing")
                }
                unconditional.append((rows.count + free, prompt))
            }
        }
        try session.start(prompts + unconditional)
    }

    /// Takes images from their rows.
    public mutating func remove(_ isUnwanted: (Int) -> Bool) {
        for row in rows.indices where rows[row].map({ isUnwanted($0.image.id) }) ?? false { rows[row] = nil }
    }

    /// Samples the next token of every image that has tokens left, and known ones after it.
    ///
    /// - Returns: Images that are whole, whose rows are free now.
    /// - Throws: `badData` naming the tensor or the layer when logits are infinite or no numbers.
    public mutating func next() throws(DalleError) -> [(id: Int, tokens: [Int])] {
        let active = rows.indices.filter { rows[$0].map { $0.tokens.count < interface.length } ?? false }
        if !active.isEmpty { try step(active) }
        var finished: [(id: Int, tokens: [Int])] = []
        for row in rows.indices {
            guard let whole = rows[row], whole.tokens.count == interface.length else { continue }
            finished.append((whole.image.id, whole.tokens))
            rows[row] = nil
        }
        return finished
    }

    /// All tokens of some images that are sampled together, in their order.
    ///
    /// - Parameter progress: called after each position.
    public static func sample(
        _ images: [Image], _ model: any ImageTokenModel, acceptsNonFinite: Bool = false, progress: () -> Void = {}
    ) throws(DalleError) -> [[Int]] {
        var sampler = try TokenSampler(
            model, rows: images.count, isGuided: images.contains(where: \.isGuided), acceptsNonFinite: acceptsNonFinite)
        try sampler.start(images)
        var whole: [Int: [Int]] = [:]
        while !sampler.isEmpty {
            for (id, tokens) in try sampler.next() { whole[id] = tokens }
            progress()
        }
        return images.map { whole[$0.id] ?? [] }
    }

    private mutating func step(_ active: [Int]) throws(DalleError) {
        var fed: [(row: Int, tokens: [Int])] = []
        var unconditional = fed
        var guided: [Int: Int] = [:]
        for index in active {
            guard let row = rows[index] else { continue }
            fed.append((index, row.pending))
            guard row.image.isGuided else { continue }
            guided[index] = active.count + unconditional.count
            unconditional.append((rows.count + index, row.pending))
        }
        let logits = try session.step(fed + unconditional)
        if !acceptsNonFinite, !logits.isFinite {
            let positions = active.map { (rows[$0]?.tokens.count ?? 0) + 1 }
            throw session.nonFinite("the logits of code \(positions.max() ?? 0)")
        }
        for (place, index) in active.enumerated() {
            guard var row = rows[index] else { continue }
            row.pending = []
            let noise = noise(&row.image.choice, vocabulary: logits.columns)
            let token = row.image.processor.sample(
                conditional: logits.row(place), unconditional: logits.row(guided[index] ?? place), noise: noise)
            append(token, to: &row, isDrawn: noise != nil)
            takeKnown(&row)
            rows[index] = row
        }
    }

    private func append(_ token: Int, to row: inout Row, isDrawn: Bool) {
        var token = token
        if row.image.stopsAtEnd {
            let ends = token == interface.endToken
            // Upstream pads from the end token on when it draws, and after it when greedy.
            if row.isOver || (ends && isDrawn) { token = interface.padToken }
            row.isOver = row.isOver || ends
        }
        row.tokens.append(token)
        row.pending.append(token)
    }

    /// Known tokens take the place of those that would be sampled; the numbers for these are passed over.
    private func takeKnown(_ row: inout Row) {
        while row.tokens.count < interface.length, let token = row.image.known[row.tokens.count] {
            _ = noise(&row.image.choice, vocabulary: interface.vocabulary)
            row.tokens.append(token)
            row.pending.append(token)
        }
    }

    /// The random numbers of an image's next token; nil when the choice is greedy.
    private func noise(_ choice: inout Choice, vocabulary: Int) -> GumbelNumbers? {
        switch choice {
        case .greedy:
            return nil
        case .key(let key):
            let (use, next) = key.split()
            choice = .key(next)
            return GumbelNumbers(use, count: vocabulary)
        case .shared(let key, let image, let count):
            let (use, next) = key.split()
            choice = .shared(next, image: image, of: count)
            return GumbelNumbers(use, count: count * vocabulary, from: image * vocabulary)
        }
    }
}
