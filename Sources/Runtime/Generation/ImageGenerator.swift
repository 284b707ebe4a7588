public import DalleFormat
public import DalleModels
import DalleText

/// Draws images of prompts with a model file: text encoder, code by code decoder, VQGAN.
///
///     let generator = try ImageGenerator(ModelFile("mini.dalle"), ComputeContext())
///     try generator.generate([.init(prompt: "a red fox", seed: 7)], settings: generator.defaults) { image in
///         try PNGFile.write(image.image, to: "fox.png", replacing: false)
///     }
public struct ImageGenerator: Sendable {
    /// What is to be drawn.
    public struct Request: Sendable {
        public let prompt: String
        /// The image depends on this and the prompt, not on what is drawn with it.
        public let seed: UInt32
        /// Images of a prompt that follow each other and have the same number here are judged together.
        public let group: Int

        public init(prompt: String, seed: UInt32, group: Int = 0) {
            self.prompt = prompt
            self.seed = seed
            self.group = group
        }

        fileprivate func isJudged(with other: Request) -> Bool { group == other.group && prompt == other.prompt }
    }

    public struct Result: Sendable {
        public let request: Request
        /// Its place among the requests.
        public let number: Int
        public let codes: [Int]
        public let image: Image
        /// How well it fits the prompt by CLIP; only where images were chosen by it.
        public var score: Float?
    }

    /// How far a generation is.
    public enum Event: Sendable {
        /// Layers of the encoder done.
        case encoding(Int, of: Int)
        /// Not all of a prompt is seen, only its first tokens, since the model takes no more; `unseen` is the rest.
        case shortened(prompt: String, tokens: Int, unseen: String)
        /// Layers of the decoder loaded.
        case loading(Int, of: Int)
        /// Codes drawn, of all images.
        case drawing(Int, of: Int)
        /// Pictures made of their codes, and handed over; 0 when the first is begun.
        case painting(Int, of: Int)
    }

    /// What the model file says, else upstream's.
    public let defaults: GenerationDefaults
    private let file: ModelFile
    private let context: ComputeContext
    private let configuration: BartConfiguration
    private let tokenizer: PromptTokenizer
    /// Codes that there is a vector for.
    private let codebookSize: Int

    /// - Throws: `missingInput` when the file lacks a part that drawing needs, `badData` when one is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        self.file = file
        self.context = context
        configuration = try context.promptEncoder(file).configuration
        tokenizer = try PromptTokenizer(file, configuration)
        defaults = try GenerationDefaults(file)
        // Before an hour is spent on codes.
        codebookSize = try VQGANWeights(file, context).configuration.codebookSize
    }

    /// The characters of prompts that may be read otherwise than the model learned them, each once, in order.
    public func unsureCharacters(_ prompts: [String]) -> [Unicode.Scalar] {
        var seen: Set<Unicode.Scalar> = []
        return prompts.flatMap(tokenizer.unsureCharacters).filter { seen.insert($0).inserted }
    }

    /// Draws the requests and hands each over as soon as it is done.
    ///
    /// Works in the calling thread and its context's; several threads may call it at the same time. In a task that is
    /// cancelled it stops before the next code.
    ///
    /// On the fast route an image does not depend on its company; on the reference route matrix products depend on the
    /// number of rows in their last bits, so draw one after the other there.
    ///
    /// - Parameters:
    ///   - plan: How many images are drawn together, and whether the decoder's weights stay in memory.
    ///   - isGreedy: Always takes the likeliest code; seeds, temperature, top-k and top-p then have no effect.
    ///   - random: What numbers come of a seed.
    ///   - keepingBest: Of the images of a group only so many are handed over, the best by CLIP first.
    ///   - progress: called on the way.
    ///   - deliver: called with each image.
    /// - Throws: `cancelled` when the current task has been; `missingInput` or `badData` when a part of the file is not there or
    ///   is damaged; and what `deliver` throws.
    public func generate(
        _ requests: [Request], settings: GenerationDefaults, isGreedy: Bool = false, random: RandomNumbers = .threefry,
        keepingBest: Int? = nil, plan: MemoryPlan = .oneByOne, progress: (Event) -> Void = { _ in },
        deliver: (Result) throws(DalleError) -> Void
    ) throws(DalleError) {
        let side = try gridSide()
        if keepingBest != nil { try Reranker.check(file, context) }
        let prompts = try encode(requests.map(\.prompt), settings: settings, together: plan.batch, progress)
        let layers = configuration.decoder.layers
        progress(.loading(0, of: layers))
        let decoder = try context.codeDecoder(file, releasesLayers: plan.releasesLayers) {
            progress(.loading($0, of: layers))
        }
        var chain = LogitsChain(settings)
        // Before top-k, so that k real codes are left; upstream draws ids that its VQGAN then has no vector for.
        chain.forbidden = [min(codebookSize, configuration.imageVocabulary)..<configuration.imageVocabulary]
        let generator = CodeGenerator(decoder, chain)
        let length = configuration.imageLength
        // Loaded when the first codes are there and the decoder's weights have been given back.
        var painter: (vqgan: VQGANDecoder, selection: BestOfGroup)?
        var drawn = 0
        while drawn < requests.count {
            let part = Array(requests[drawn..<min(drawn + plan.batch, requests.count)])
            let keys = part.map { RandomKey(seed: $0.seed, random) }
            let codes = try draw(part, prompts, generator, isGreedy ? .greedy : .keys(keys)) {
                progress(.drawing(drawn * length + part.count * $0, of: requests.count * length))
            }
            decoder.release()
            progress(.painting(drawn, of: requests.count))
            var (vqgan, selection) = if let painter { painter } else { try loadPainter(keepingBest) }
            for (request, codes) in zip(part, codes) {
                let image = try vqgan.image(codes, height: side, width: side)
                let result = Result(request: request, number: drawn, codes: codes, image: image)
                drawn += 1
                let isLast = drawn == requests.count || !requests[drawn].isJudged(with: request)
                for kept in try selection.add(result, isLast: isLast) { try deliver(kept) }
                progress(.painting(drawn, of: requests.count))
            }
            painter = (vqgan, selection)
        }
    }

    private func loadPainter(_ keepingBest: Int?) throws(DalleError) -> (VQGANDecoder, BestOfGroup) {
        let reranker: Reranker? = keepingBest == nil ? nil : try Reranker(file, context)
        return (try VQGANDecoder(file, context), BestOfGroup(keep: keepingBest ?? 0, reranker: reranker))
    }

    /// The codes of some images, drawn together.
    private func draw(
        _ requests: [Request], _ prompts: [String?: EncodedPrompt], _ generator: CodeGenerator,
        _ choice: CodeGenerator.Choice, progress: (Int) -> Void
    ) throws(DalleError) -> [[Int]] {
        var texts: [String] = []
        for request in requests where !texts.contains(request.prompt) { texts.append(request.prompt) }
        let encoded = (texts.map(Optional.some) + [nil]).compactMap { prompts[$0] }
        return try generator.generate(
            encoded, prompts: requests.map { texts.firstIndex(of: $0.prompt) ?? 0 },
            unconditional: requests.map { _ in texts.count }, choice: choice, progress: progress)
    }

    /// Encoded prompts by their text; the unconditional one, if guidance needs it, under nil.
    ///
    /// - Parameter images: As many prompts as these have sequences share a pass over the weights, and the memory planned.
    private func encode(
        _ texts: [String], settings: GenerationDefaults, together images: Int, _ progress: (Event) -> Void
    ) throws(DalleError) -> [String?: EncodedPrompt] {
        var keys: [String?] = settings.conditionScale == 1 ? [] : [nil]
        for text in texts where !keys.contains(text) { keys.append(text) }
        var tokenized: [TokenizedPrompt] = []
        for key in keys {
            let prompt = if let key { try tokenizer(key) } else { tokenizer.unconditional }
            if let key, let unseen = prompt.unseen {
                progress(.shortened(prompt: key, tokens: prompt.visible, unseen: unseen))
            }
            tokenized.append(prompt)
        }
        let encoder = try context.promptEncoder(file)
        let layers = configuration.encoder.layers
        let together = images * (settings.conditionScale == 1 ? 1 : 2)
        let groups = (tokenized.count + together - 1) / together
        var encoded: [EncodedPrompt] = []
        for group in 0..<groups {
            let start = group * together
            let part = tokenized[start..<min(start + together, tokenized.count)]
            encoded += try encoder.encode(Array(part)) { progress(.encoding(group * layers + $0, of: groups * layers)) }
        }
        if let prompt = encoded.first(where: { !$0.isFinite }) {
            throw encoder.nonFinite("the encoder's states of a prompt", prompt)
        }
        return Dictionary(uniqueKeysWithValues: zip(keys, encoded))
    }

    /// Codes along an edge of the image.
    private func gridSide() throws(DalleError) -> Int {
        let side = Int(Double(configuration.imageLength).squareRoot().rounded())
        guard side * side == configuration.imageLength else {
            throw DalleError(
                .badData, "draws \(configuration.imageLength) codes, which make no square image", file: file.path)
        }
        return side
    }
}
