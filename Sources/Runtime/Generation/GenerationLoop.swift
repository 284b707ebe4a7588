import DalleFormat
import DalleModels

/// Makes images for any number of callers in one pass of the model: what waits takes the rows of what is done.
///
/// The work is done piece by piece in `advance`, by whoever calls it: `ImageGenerator` in its caller's thread, `ImageEngine` in
/// its own. Not for several threads at once.
final class GenerationLoop {
    typealias Handler = (GenerationEvent) throws(DalleError) -> Void

    /// What one caller wants.
    private struct Job {
        let requests: [Request]
        let options: GenerationOptions
        let handler: Handler
        var ranking: Ranking?
        /// Of images that are whole.
        var sampledTokens = 0
        var decoded = 0
        var isDecoding = false

        var isGuided: Bool { options.sampling.settings.conditionScale != 1 }
        var isDone: Bool { decoded == requests.count }
    }

    private let model: DalleModel
    private let context: ComputeContext
    private let tokenModel: any ImageTokenModel
    private let codec: any ImageCodec
    private let rows: Int
    private let releasesLayers: Bool
    private let isShared: Bool

    private var jobs: [Int: Job] = [:]
    private var lastJob = 0
    /// Images that wait for a row.
    private var waiting: [(job: Int, number: Int)] = []
    /// By their text; the prompt that says nothing under nil.
    private var prepared: [String?: any PreparedPrompt] = [:]
    /// While images are on their way; its memory is given back before the last of them are decoded.
    private var sampler: TokenSampler?
    /// Of each image on its way, by the number that the sampler knows it by.
    private var images: [Int: (job: Int, number: Int)] = [:]
    private var lastImage = 0
    /// Loaded when there is something to rank.
    private var scorer: (any TextImageScorer)?

    /// - Parameters:
    ///   - tokenModel: Of `model`, as the codec.
    ///   - rows: Images whose tokens are sampled together, at most.
    ///   - releasesLayers: The token model's weights are given back to the system layer by layer.
    ///   - isShared: Others may come while images are on their way.
    init(
        _ model: DalleModel, _ tokenModel: any ImageTokenModel, _ codec: any ImageCodec, rows: Int,
        releasesLayers: Bool = false, isShared: Bool, _ context: ComputeContext
    ) {
        self.isShared = isShared
        self.model = model
        self.tokenModel = tokenModel
        self.codec = codec
        self.releasesLayers = releasesLayers
        self.rows = rows
        self.context = context
    }

    /// Whether there is anything to do.
    var isIdle: Bool { waiting.isEmpty && images.isEmpty }

    /// Takes requests.
    ///
    /// - Parameter handler: called with what happens to them; an error that it throws comes out of `advance`.
    /// - Returns: The number to cancel them by.
    /// - Throws: `usage` when known tokens are not of the model; `missingInput` when images are to be ranked and the file has
    ///   nothing to do it with.
    @discardableResult
    func add(_ requests: [Request], _ options: GenerationOptions, _ handler: @escaping Handler) throws(DalleError)
        -> Int
    {
        for request in requests { try request.known.check(tokenModel.interface) }
        if options.keepingBest != nil, scorer == nil { _ = try model.scorer(context) }
        lastJob += 1
        jobs[lastJob] = Job(
            requests: requests, options: options, handler: handler,
            ranking: options.keepingBest.map { Ranking(keep: $0, requests) })
        for number in requests.indices { waiting.append((lastJob, number)) }
        return lastJob
    }

    /// Leaves out what is not done yet of some requests.
    func cancel(_ job: Int) {
        jobs[job] = nil
        waiting.removeAll { $0.job == job }
        let unwanted = images.filter { $0.value.job == job }.map(\.key)
        sampler?.remove(unwanted.contains)
        for image in unwanted { images[image] = nil }
        if isIdle { end() }
    }

    func isDone(_ job: Int) -> Bool { jobs[job]?.isDone ?? true }

    /// Does the next piece of work: a token of all rows and the images that are whole with it.
    ///
    /// - Returns: false when there was nothing to do.
    /// - Throws: `missingInput` or `badData` when a part of the file is not there or is damaged, what a handler throws. After an
    ///   error nothing goes on.
    func advance() throws(DalleError) -> Bool {
        guard !isIdle else { return false }
        try fillRows()
        guard var sampler else { return false }
        // Not kept twice: the rows are changed in place.
        self.sampler = nil
        let finished = try sampler.next()
        let sampled = sampler.tokens
        if !sampler.isEmpty { self.sampler = sampler }
        try report(finished, sampled)
        guard !finished.isEmpty else { return true }
        if self.sampler == nil { tokenModel.release() }
        try decode(finished)
        if isIdle { end() }
        return true
    }

    /// Forgets what was kept for images on their way.
    private func end() {
        sampler = nil
        prepared = [:]
    }

    // MARK: Prompts and rows

    private func fillRows() throws(DalleError) {
        let free = min(sampler?.freeRows ?? rows, waiting.count)
        guard free > 0 else { return }
        try prepareWaiting()
        try loadTokenModel()
        var sampler =
            if let sampler { sampler } else { try TokenSampler(tokenModel, rows: rows, isGuided: needsGuidance) }
        let next = Array(waiting.prefix(min(free, sampler.freeRows)))
        waiting.removeFirst(next.count)
        var started: [TokenSampler.Image] = []
        for (job, number) in next {
            guard let options = jobs[job]?.options, let request = jobs[job]?.requests[number],
                let prompt = prepared[request.prompt]
            else { continue }
            lastImage += 1
            images[lastImage] = (job, number)
            var processor = LogitsProcessor(options.sampling.settings)
            // Before top-k, so that k real codes are left; upstream draws ids that its VQGAN then has no vector for.
            let vocabulary = tokenModel.interface.vocabulary
            processor.suppressed = [min(codec.codebookSize, vocabulary)..<vocabulary]
            let key = RandomKey(seed: request.seed, options.sampling.random)
            var image = TokenSampler.Image(
                id: lastImage, prompt: prompt, unconditional: prepared[nil], processor: processor,
                choice: options.sampling.isGreedy ? .greedy : .key(key))
            image.known = request.known
            started.append(image)
        }
        try sampler.start(started)
        self.sampler = sampler
    }

    /// Whether images are guided, or may come to be.
    private var needsGuidance: Bool { isShared || waiting.contains { jobs[$0.job]?.isGuided ?? false } }

    /// Prepares the prompts of all that waits, as many together as rows share a pass.
    private func prepareWaiting() throws(DalleError) {
        var keys: [String?] = []
        var isGuided = false
        for (job, number) in waiting {
            guard let job = jobs[job] else { continue }
            if job.isGuided { isGuided = true }
            let prompt = job.requests[number].prompt
            if prepared[prompt] == nil, !keys.contains(prompt) { keys.append(prompt) }
        }
        if isGuided, prepared[nil] == nil { keys.insert(nil, at: 0) }
        guard !keys.isEmpty else { return }
        var tokenized: [TokenizedPrompt] = []
        for key in keys {
            let prompt = try tokenModel.tokenize(key)
            if let key, let unseen = prompt.unseen {
                try tell(
                    { $0.contains { $0.prompt == key } },
                    .truncated(prompt: key, tokens: prompt.visible, unseen: unseen))
            }
            tokenized.append(prompt)
        }
        let together = rows * (isGuided ? 2 : 1)
        let groups = (tokenized.count + together - 1) / together
        for group in 0..<groups {
            let range = group * together..<min((group + 1) * together, tokenized.count)
            let prompts = try prepare(Array(tokenized[range]), group: group, of: groups)
            for (key, prompt) in zip(keys[range], prompts) {
                if let fault = tokenModel.fault(in: prompt) { throw fault }
                prepared[key] = prompt
            }
        }
    }

    private func prepare(
        _ prompts: [TokenizedPrompt], group: Int, of groups: Int
    ) throws(DalleError) -> [any PreparedPrompt] {
        var failure: DalleError?
        let prepared = try tokenModel.prepare(prompts) { done, total in
            failure = failure ?? tellAll(.encoding(group * total + done, of: groups * total))
        }
        if let failure { throw failure }
        return prepared
    }

    private func loadTokenModel() throws(DalleError) {
        var failure: DalleError?
        try tokenModel.load(releasingLayers: releasesLayers) { failure = failure ?? tellAll(.loading($0, of: $1)) }
        if let failure { throw failure }
    }

    // MARK: Events

    /// Tells those whose requests meet a condition.
    private func tell(_ concerns: ([Request]) -> Bool, _ event: GenerationEvent) throws(DalleError) {
        for job in jobs.keys.sorted() {
            if let job = jobs[job], !job.isDone, concerns(job.requests) { try job.handler(event) }
        }
    }

    /// The same for all, where nothing can be thrown.
    private func tellAll(_ event: GenerationEvent) -> DalleError? {
        do throws(DalleError) {
            try tell({ _ in true }, event)
            return nil
        } catch { return error }
    }

    /// Says how far the tokens are, and shows what there is to see.
    private func report(
        _ finished: [(id: Int, tokens: [Int])], _ sampled: [(id: Int, tokens: [Int])]
    ) throws(DalleError) {
        let interface = tokenModel.interface
        var counts: [Int: Int] = [:]
        for (id, tokens) in sampled {
            guard let image = images[id] else { continue }
            counts[image.job, default: 0] += tokens.count
            if let rows = jobs[image.job]?.options.previewRows, tokens.count % (rows * interface.width) == 0 {
                try preview(image, tokens)
            }
        }
        for (id, tokens) in finished {
            guard let image = images[id] else { continue }
            jobs[image.job]?.sampledTokens += tokens.count
            counts[image.job, default: 0] += 0
        }
        for (number, count) in counts.sorted(by: { $0.key < $1.key }) {
            guard let job = jobs[number] else { continue }
            try job.handler(.sampling(job.sampledTokens + count, of: job.requests.count * interface.length))
        }
    }

    private func preview(_ image: (job: Int, number: Int), _ tokens: [Int]) throws(DalleError) {
        let width = tokenModel.interface.width
        let grid = try TokenGrid(height: tokens.count / width, width: width, tokens: tokens)
        try jobs[image.job]?.handler(.preview(try codec.decode(grid), number: image.number))
    }

    // MARK: Pixels

    private func decode(_ finished: [(id: Int, tokens: [Int])]) throws(DalleError) {
        let interface = tokenModel.interface
        for (id, tokens) in finished {
            guard let (number, place) = images.removeValue(forKey: id), var job = jobs[number] else { continue }
            let count = job.requests.count
            if !job.isDecoding { try job.handler(.decoding(job.decoded, of: count)) }
            job.isDecoding = true
            let grid = try TokenGrid(height: interface.height, width: interface.width, tokens: tokens)
            let image = GeneratedImage(
                request: job.requests[place], number: place, tokens: tokens, image: try codec.decode(grid))
            job.decoded += 1
            if job.ranking != nil {
                let scorer = if let scorer { scorer } else { try model.scorer(context) }
                self.scorer = scorer
                for kept in try job.ranking?.add(image, scorer) ?? [] { try job.handler(.image(kept)) }
            } else {
                try job.handler(.image(image))
            }
            try job.handler(.decoding(job.decoded, of: count))
            jobs[number] = job
        }
        for number in jobs.keys { jobs[number]?.isDecoding = false }
        for (number, job) in jobs where job.isDone { jobs[number] = nil }
        forgetPrompts()
    }

    /// Lets go of prompts that no image needs any more.
    private func forgetPrompts() {
        let prompts = Set((waiting + images.values).map { jobs[$0.job]?.requests[$0.number].prompt })
        prepared = prepared.filter { $0.key == nil || prompts.contains($0.key) }
    }
}

/// How images are made.
public struct GenerationOptions: Sendable, Equatable {
    public var sampling: SamplingOptions
    /// Of the images of a group only so many are handed over, the best first.
    public var keepingBest: Int?
    /// Rows of tokens after which an image so far is shown, again and again; nil shows none.
    public var previewRows: Int?

    public init(_ sampling: SamplingOptions, keepingBest: Int? = nil, previewRows: Int? = nil) {
        self.sampling = sampling
        self.keepingBest = keepingBest
        self.previewRows = previewRows.map { max($0, 1) }
    }
}
