public import DalleFormat
import DalleKernels

/// The speed of each stage of drawing, beside what the machine's memory and arithmetic would allow.
public struct RuntimeBenchmark: Sendable {
    public struct Stage: Sendable {
        public let name: String
        /// Median of `runs`.
        public let seconds: Double
        public let runs: Int
        /// Bytes of weights, keys and values that are read.
        public let bytes: Int
        /// Additions and multiplications.
        public let operations: Int
        /// What reading those bytes, or those operations in the weights' arithmetic, take at least.
        public let limitSeconds: Double

        /// How many times longer than possible it takes.
        public var ratio: Double { seconds / limitSeconds }
    }

    /// The best that was seen.
    public private(set) var limits: MachineLimits
    public private(set) var stages: [Stage] = []
    private let context: ComputeContext
    private var latest: MachineLimits

    /// Rows of a batch: an image with guidance takes two.
    private static let batches = [2, 18]

    /// Measures a model file's stages.
    ///
    /// - Parameters:
    ///   - prompt: What is encoded.
    ///   - progress: called with the name of each stage.
    public init(
        _ file: ModelFile, _ context: ComputeContext, prompt: String, progress: (String) -> Void = { _ in }
    ) throws(DalleError) {
        self.context = context
        limits = MachineLimits(context)
        latest = limits
        let bart = try context.promptEncoder(file).configuration
        let tokenizer = try PromptTokenizer(file, bart)
        let prompts = [try tokenizer(prompt), tokenizer.unconditional]
        progress("encode")
        var encoded: [EncodedPrompt] = []
        let encoding = try Self.times(3) { () throws(DalleError) in
            encoded = try context.promptEncoder(file).encode(prompts)
        }
        let tokens = prompts.reduce(0) { $0 + $1.visible }
        add("encode", encoding, Work(file, "encoder.layers.", rows: tokens))

        let decoder = try context.codeDecoder(file)
        for rows in Self.batches {
            let name = "step, batch \(rows)"
            progress(name)
            let session = decoder.session(encoded, rows: (0..<rows).map { $0 % 2 })
            let steps = try Self.times(bart.imageLength) { () throws(DalleError) in
                _ = try session.step([Int](repeating: 0, count: rows))
            }
            add(name, steps, Work(step: file, bart, rows: rows))
        }

        progress("vqgan")
        let vqgan = try VQGANDecoder(file, context)
        let side = Int(Double(bart.imageLength).squareRoot().rounded())
        guard side * side == bart.imageLength else { return }
        let codes = (0..<bart.imageLength).map { $0 % vqgan.configuration.codebookSize }
        let painting = try Self.times(3) { () throws(DalleError) in
            _ = try vqgan.decode(codes, height: side, width: side)
        }
        add("vqgan", painting, Work(image: file, vqgan.configuration, side: side))

        guard try file.component(.clip) != nil else { return }
        progress("clip")
        let clip = try CLIPModel(file, context)
        let picture = try vqgan.image(codes, height: side, width: side).prepared(clip.configuration)
        let judging = try Self.times(5) { () throws(DalleError) in _ = try clip.embed(picture) }
        add("clip, picture", judging, Work(picture: file, clip.configuration))
    }

    private static func times(_ runs: Int, _ body: () throws(DalleError) -> Void) throws(DalleError) -> [Double] {
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            seconds.append((ContinuousClock.now - start) / .seconds(1))
        }
        return seconds.sorted()
    }

    /// Holds a stage against the limits before and after it: what other programs leave of a machine changes.
    private mutating func add(_ name: String, _ sorted: [Double], _ work: Work) {
        let now = MachineLimits(context)
        let around = latest.best(now)
        latest = now
        limits = limits.best(now)
        let arithmetic =
            Double(work.floatProducts) / around.floatProducts + Double(work.byteProducts) / around.byteProducts
        stages.append(
            Stage(
                name: name, seconds: sorted[sorted.count / 2], runs: sorted.count, bytes: work.bytes,
                operations: 2 * (work.floatProducts + work.byteProducts),
                limitSeconds: max(Double(work.bytes) / around.readBandwidth, arithmetic)))
    }
}
