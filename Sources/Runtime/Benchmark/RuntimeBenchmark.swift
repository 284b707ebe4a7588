public import DalleFormat
import DalleKernels
import DalleModels
import DalleText

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
        /// What reading those bytes, or those operations in the weights' arithmetic, take at least: the median of what was
        /// measured between the runs.
        public let limitSeconds: Double
        /// How many times longer than possible it takes: the median of each run and the limit measured before it.
        public let ratio: Double
    }

    /// The medians over all stages.
    public var limits: MachineLimits { MachineLimits(samples) }
    public private(set) var stages: [Stage] = []
    private var samples: [MachineLimits] = []

    /// Rows of a batch: an image with guidance takes two.
    private static let batches = [2, 18]
    /// Runs between two measurements of the limits, where there are many.
    private static let runsOfSample = 8

    /// Measures a model file's stages.
    ///
    /// - Parameters:
    ///   - prompt: What is encoded.
    ///   - progress: called with the name of each stage.
    public init(
        _ file: ModelFile, _ context: ComputeContext, prompt: String, progress: (String) -> Void = { _ in }
    ) throws(DalleError) {
        let meter = try LimitMeter(context)
        let bart = try context.promptEncoder(file).configuration
        let tokenizer = try PromptTokenizer(file, bart)
        let prompts = [try tokenizer(prompt), tokenizer.unconditional]
        progress("encode")
        var encoded: [EncodedPrompt] = []
        let tokens = prompts.reduce(0) { $0 + $1.visible }
        try add("encode", Work(encoder: file, bart, rows: tokens), runs: 3, meter) { () throws(DalleError) in
            encoded = try context.promptEncoder(file).encode(prompts)
        }

        let decoder = try context.codeDecoder(file)
        for rows in Self.batches {
            let name = "step, batch \(rows)"
            progress(name)
            let session = try decoder.session(encoded, rows: (0..<rows).map { $0 % 2 })
            try add(name, Work(step: file, bart, rows: rows), runs: bart.imageLength, meter) { () throws(DalleError) in
                _ = try session.step([Int](repeating: 0, count: rows))
            }
        }

        progress("vqgan")
        let vqgan = try VQGANDecoder(file, context)
        let side = Int(Double(bart.imageLength).squareRoot().rounded())
        guard side * side == bart.imageLength else { return }
        let codes = (0..<bart.imageLength).map { $0 % vqgan.configuration.codebookSize }
        try add("vqgan", Work(image: file, vqgan.configuration, side: side), runs: 5, meter) { () throws(DalleError) in
            _ = try vqgan.decode(codes, height: side, width: side)
        }

        guard try file.component(.clip) != nil else { return }
        progress("clip")
        let clip = try CLIPModel(file, context)
        let picture = try vqgan.image(codes, height: side, width: side).prepared(clip.configuration)
        try add("clip, picture", Work(picture: file, clip.configuration), runs: 5, meter) { () throws(DalleError) in
            _ = try clip.embed(picture)
        }
    }

    private mutating func add(
        _ name: String, _ work: Work, runs: Int, _ meter: LimitMeter, _ body: () throws(DalleError) -> Void
    ) throws(DalleError) {
        var seconds: [Double] = [], limits: [Double] = [], ratios: [Double] = []
        for run in 0..<runs {
            if runs <= Self.runsOfSample || run % Self.runsOfSample == 0 {
                let sample = meter.measure()
                samples.append(sample)
                limits.append(sample.seconds(work))
            }
            let time = try Stopwatch.seconds(body)
            seconds.append(time)
            ratios.append(time / (limits.last ?? time))
        }
        guard let time = seconds.median, let limit = limits.median, let ratio = ratios.median else { return }
        stages.append(
            Stage(
                name: name, seconds: time, runs: runs, bytes: work.bytes,
                operations: 2 * (work.floatProducts + work.byteProducts), limitSeconds: limit, ratio: ratio))
    }
}
