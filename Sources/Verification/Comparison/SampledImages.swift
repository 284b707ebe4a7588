import DalleFormat
import DalleModels
import DalleRuntime

/// What is sampled in a comparison: tokens for each prompt, and how image tokens are chosen.
struct PromptInputs {
    /// The prompt of each image, by its number in `prompts`.
    let rows: [Int]
    /// The prompts, and last the one that says nothing when the sampling is guided.
    let prompts: [TokenizedPrompt]
    private let processor: LogitsProcessor

    var isGuided: Bool { processor.settings.conditionScale != 1 }

    init(
        _ model: DalleModel, _ tokenModel: any ImageTokenModel, _ texts: [String], _ images: Int
    ) throws(DalleError) {
        let interface = tokenModel.interface
        var settings = try model.defaults()
        var prompts: [TokenizedPrompt] = []
        if tokenModel.hasTokenizer, !texts.isEmpty {
            for text in texts.prefix(images) { prompts.append(try tokenModel.tokenize(text)) }
            if settings.conditionScale != 1 { prompts.append(try tokenModel.tokenize(nil)) }
        } else {
            settings.conditionScale = 1
            prompts = (0..<images).map { Self.noise(UInt32($0), interface) }
        }
        let count = settings.conditionScale == 1 ? prompts.count : prompts.count - 1
        rows = (0..<images).map { $0 % max(count, 1) }
        var suppressed: [Range<Int>] = interface.endToken.map { [$0..<$0 + 1] } ?? []
        if model.has(.codec) {
            let size = try model.codec(ComputeContext(threads: 1)).codebookSize
            suppressed.append(min(size, interface.vocabulary)..<interface.vocabulary)
        }
        self.prompts = prompts
        processor = LogitsProcessor(settings, suppressed: suppressed)
    }

    /// Any tokens, as many as a short caption has.
    private static func noise(_ seed: UInt32, _ interface: TokenInterface) -> TokenizedPrompt {
        let bits = RandomKey(seed: seed).gumbel(count: interface.textLength).map { Int($0.bitPattern >> 4) }
        return TokenizedPrompt(
            ids: bits.map { $0 % interface.textVocabulary }, visible: min(interface.textLength, 4 + Int(seed) % 8))
    }

    /// An image to be sampled, whose seed is its number.
    func image(_ number: Int, of prepared: [any PreparedPrompt]) -> TokenSampler.Image {
        TokenSampler.Image(
            id: number, prompt: prepared[rows[number]], unconditional: isGuided ? prepared.last : nil,
            processor: processor, choice: .key(RandomKey(seed: UInt32(number))))
    }

    /// What an image samples from its row of logits.
    func sample(_ logits: Matrix, _ image: Int, _ key: RandomKey) -> Int {
        processor.sample(
            conditional: logits.row(image), unconditional: logits.row(isGuided ? rows.count + image : image),
            noise: GumbelNumbers(key, count: logits.columns))
    }
}

/// The tokens that a model samples, and its logits on the way.
struct SampledImages {
    let tokens: [[Int]]
    /// For each position the conditional logits of each image.
    private let logits: [Matrix]

    /// Samples, then goes over what was sampled once more for the logits.
    ///
    /// - Parameter advance: called after each position, both times.
    init(_ tokenModel: any ImageTokenModel, _ inputs: PromptInputs, _ advance: () -> Void) throws(DalleError) {
        let model = try Model(tokenModel, inputs)
        let tokens = try model.sample(advance)
        var logits: [Matrix] = []
        try model.follow(tokens) { _, found in
            logits.append(found.selecting(0..<tokens.count))
            advance()
        }
        self.tokens = tokens
        self.logits = logits
    }

    /// Holds another model against what was sampled.
    static func compare(
        _ tokenModel: any ImageTokenModel, with expected: SampledImages, _ inputs: PromptInputs,
        _ report: inout ComparisonReport, _ advance: () -> Void
    ) throws(DalleError) {
        let model = try Model(tokenModel, inputs)
        var comparison = LogitsComparison()
        var keys = expected.tokens.indices.map { RandomKey(seed: UInt32($0)) }
        var (same, all) = (0, 0)
        try model.follow(expected.tokens) { position, found in
            for image in expected.tokens.indices {
                comparison.add(expected: expected.logits[position].row(image), found: found.row(image))
                let (use, next) = keys[image].split()
                keys[image] = next
                same += inputs.sample(found, image, use) == expected.tokens[image][position] ? 1 : 0
                all += 1
            }
            advance()
        }
        let sampled = try model.sample(advance)
        let equal = zip(expected.tokens.joined(), sampled.joined()).count { $0 == $1 }
        report.positions = comparison.positions
        report.values[.meanKL] = comparison.meanDivergence
        report.values[.maxKL] = comparison.largestDivergence
        report.values[.sameTop] = comparison.sameTopShare
        report.values[.cosine] = comparison.cosine
        report.values[.maxAbs] = comparison.largestDifference
        report.values[.sameCode] = Double(same) / Double(max(all, 1))
        report.values[.codesEqual] = Double(equal) / Double(max(all, 1))
    }

    /// A model with its prompts prepared.
    private struct Model {
        let model: any ImageTokenModel
        let inputs: PromptInputs
        let prepared: [any PreparedPrompt]

        init(_ model: any ImageTokenModel, _ inputs: PromptInputs) throws(DalleError) {
            self.model = model
            self.inputs = inputs
            prepared = try model.prepare(inputs.prompts) { _, _ in }
        }

        func sample(_ advance: () -> Void) throws(DalleError) -> [[Int]] {
            try TokenSampler.sample(
                inputs.rows.indices.map { inputs.image($0, of: prepared) }, model, acceptsNonFinite: true,
                progress: advance)
        }

        /// Feeds given tokens and hands over the logits at each position: of all images, then without their prompts.
        func follow(_ tokens: [[Int]], _ body: (Int, Matrix) -> Void) throws(DalleError) {
            let unconditional = inputs.isGuided ? inputs.rows.map { _ in prepared.count - 1 } : []
            let prompts = inputs.rows + unconditional
            let session = try model.session(rows: prompts.count)
            try session.start(prompts.enumerated().map { ($0, prepared[$1]) })
            for position in 0..<model.interface.length {
                let rows = prompts.indices.map { row in
                    (row: row, tokens: position == 0 ? [] : [tokens[row % tokens.count][position - 1]])
                }
                body(position, try session.step(rows))
            }
        }
    }
}
