import DalleFormat
import DalleModels
import DalleRuntime
import DalleText

/// What is drawn in a comparison: tokens for each picture, and how codes are chosen.
struct PromptInputs {
    /// The prompt of each picture, by its number in `prompts`.
    let rows: [Int]
    /// The prompts, and last the one that says nothing when the drawing is guided.
    let prompts: [TokenizedPrompt]
    let settings: GenerationDefaults
    let forbidden: [Range<Int>]

    var isGuided: Bool { settings.conditionScale != 1 }

    init(_ file: ModelFile, _ texts: [String], _ pictures: Int) throws(DalleError) {
        let configuration = try BartEncoder(file, ComputeContext(threads: 1)).configuration
        var settings = try GenerationDefaults(file)
        var prompts: [TokenizedPrompt] = []
        if try file.component(.byteLevelBPE) != nil, !texts.isEmpty {
            let tokenizer = try PromptTokenizer(file, configuration)
            for text in texts.prefix(pictures) { prompts.append(try tokenizer(text)) }
            if settings.conditionScale != 1 { prompts.append(tokenizer.unconditional) }
        } else {
            settings.conditionScale = 1
            prompts = (0..<pictures).map { Self.noise(UInt32($0), configuration) }
        }
        let count = settings.conditionScale == 1 ? prompts.count : prompts.count - 1
        rows = (0..<pictures).map { $0 % max(count, 1) }
        var forbidden = [configuration.endToken..<configuration.endToken + 1]
        if let vqgan = try file.component(.vqgan) {
            let size = try file.configuration(of: vqgan, as: VQGANConfiguration.self).codebookSize
            forbidden.append(min(size, configuration.imageVocabulary)..<configuration.imageVocabulary)
        }
        self.prompts = prompts
        self.settings = settings
        self.forbidden = forbidden
    }

    /// Any tokens, as many as a short caption has.
    private static func noise(_ seed: UInt32, _ configuration: BartConfiguration) -> TokenizedPrompt {
        let bits = RandomKey(seed: seed).gumbel(count: configuration.textLength).map { Int($0.bitPattern >> 4) }
        return TokenizedPrompt(
            ids: bits.map { $0 % configuration.textVocabulary },
            visible: min(configuration.textLength, 4 + Int(seed) % 8))
    }
}

/// The codes that a model draws, and its logits on the way.
struct DrawnPictures {
    let codes: [[Int]]
    /// For each position the conditional logits of each picture.
    private let logits: [Matrix]

    /// Draws, then goes over what was drawn once more for the logits.
    init(_ file: ModelFile, _ inputs: PromptInputs, _ context: ComputeContext, _ advance: () -> Void) throws(DalleError)
    {
        let model = try Model(file, inputs, context)
        let codes = try model.draw(advance)
        var logits: [Matrix] = []
        try model.follow(codes) { _, found in
            logits.append(found.selecting(0..<codes.count))
            advance()
        }
        self.codes = codes
        self.logits = logits
    }

    /// Holds another model against what was drawn.
    static func compare(
        _ file: ModelFile, with expected: DrawnPictures, _ inputs: PromptInputs, _ context: ComputeContext,
        _ report: inout ComparisonReport, _ advance: () -> Void
    ) throws(DalleError) {
        let model = try Model(file, inputs, context)
        var comparison = LogitsComparison()
        var keys = expected.codes.indices.map { RandomKey(seed: UInt32($0)) }
        var (same, all) = (0, 0)
        try model.follow(expected.codes) { position, found in
            for picture in expected.codes.indices {
                comparison.add(expected: expected.logits[position].row(picture), found: found.row(picture))
                let (use, next) = keys[picture].split()
                keys[picture] = next
                let code = model.choose(found, picture, of: expected.codes.count, use)
                same += code == expected.codes[picture][position] ? 1 : 0
                all += 1
            }
            advance()
        }
        let drawn = try model.draw(advance)
        let equal = zip(expected.codes.joined(), drawn.joined()).count { $0 == $1 }
        report.positions = comparison.positions
        report.values[.meanKL] = comparison.meanDivergence
        report.values[.maxKL] = comparison.largestDivergence
        report.values[.sameTop] = comparison.sameTopShare
        report.values[.cosine] = comparison.cosine
        report.values[.maxAbs] = comparison.largestDifference
        report.values[.sameCode] = Double(same) / Double(max(all, 1))
        report.values[.codesEqual] = Double(equal) / Double(max(all, 1))
    }

    /// A decoder with its prompts encoded.
    private struct Model {
        let inputs: PromptInputs
        let decoder: any CodeDecoder
        let encoded: [EncodedPrompt]
        let chain: LogitsChain
        /// Of each picture, then again for the guidance.
        let unconditional: [Int]

        init(_ file: ModelFile, _ inputs: PromptInputs, _ context: ComputeContext) throws(DalleError) {
            self.inputs = inputs
            encoded = try context.promptEncoder(file).encode(inputs.prompts)
            decoder = try context.codeDecoder(file)
            chain = LogitsChain(inputs.settings, forbidden: inputs.forbidden)
            unconditional = inputs.isGuided ? inputs.rows.map { _ in inputs.prompts.count - 1 } : []
        }

        func draw(_ advance: () -> Void) throws(DalleError) -> [[Int]] {
            try CodeGenerator(decoder, chain, takesAnyLogits: true).generate(
                encoded, prompts: inputs.rows, unconditional: unconditional,
                choice: .keys(inputs.rows.indices.map { RandomKey(seed: UInt32($0)) })
            ) { _ in advance() }
        }

        /// Feeds given codes and hands over the logits at each position: of all pictures, then without their prompts.
        func follow(_ codes: [[Int]], _ body: (Int, Matrix) -> Void) throws(DalleError) {
            let session = try decoder.session(encoded, rows: inputs.rows + unconditional)
            var tokens = codes.map { _ in decoder.configuration.startToken }
            for position in 0..<decoder.configuration.imageLength {
                body(position, try session.step(inputs.isGuided ? tokens + tokens : tokens))
                tokens = codes.map { $0[position] }
            }
        }

        func choose(_ logits: Matrix, _ picture: Int, of count: Int, _ key: RandomKey) -> Int {
            chain.choose(
                conditional: logits.row(picture),
                unconditional: logits.row(inputs.isGuided ? count + picture : picture),
                noise: GumbelNumbers(key, count: logits.columns))
        }
    }
}
