public import DalleFormat
import DalleKernels
import DalleModels

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

    /// Measures a model's stages.
    ///
    /// - Parameters:
    ///   - prompt: What is encoded.
    ///   - progress: called with the name of each stage.
    public init(
        _ model: DalleModel, _ context: ComputeContext, prompt: String, progress: (String) -> Void = { _ in }
    ) throws(DalleError) {
        let file = model.file
        let meter = try LimitMeter(context)
        let tokenModel = try model.tokenModel(context)
        let prompts = [try tokenModel.tokenize(prompt), try tokenModel.tokenize(nil)]
        progress("encode")
        var prepared: [any PreparedPrompt] = []
        let tokens = prompts.reduce(0) { $0 + $1.visible }
        let kinds = model.registry.parts
        let settings = try kinds.tokenModel(in: file)
        func cost(_ rows: Int) -> OperationCost {
            settings.map { $0.settings.stepCost($0.tensors, rows: rows, positions: 0.5) } ?? OperationCost()
        }
        let promptCost = settings.map { $0.settings.promptCost($0.tensors, tokens: tokens) } ?? OperationCost()
        try add("encode", promptCost, runs: 3, meter) { () throws(DalleError) in
            prepared = try tokenModel.prepare(prompts) { _, _ in }
        }

        let interface = tokenModel.interface
        for rows in Self.batches {
            let name = "step, batch \(rows)"
            progress(name)
            let session = try tokenModel.session(rows: rows)
            try session.start((0..<rows).map { ($0, prepared[$0 % 2]) })
            var fed: [Int] = []
            try add(name, cost(rows), runs: interface.length, meter) { () throws(DalleError) in
                _ = try session.step((0..<rows).map { ($0, fed) })
                fed = [0]
            }
        }

        progress("vqgan")
        let codec = try model.codec(context)
        let grid = try TokenGrid(
            height: interface.height, width: interface.width,
            tokens: (0..<interface.length).map { $0 % codec.codebookSize })
        let decoding = try kinds.codec(in: file).map {
            $0.settings.decodingCost($0.tensors, height: interface.height, width: interface.width)
        }
        try add("vqgan", decoding ?? OperationCost(), runs: 5, meter) { () throws(DalleError) in
            _ = try codec.pixels(grid)
        }

        guard model.has(.scorer) else { return }
        progress("clip")
        let scorer = try model.scorer(context)
        let image = try codec.decode(grid)
        // The text is encoded with the first image.
        _ = try scorer.scores([image], prompt)
        let look = try kinds.scorer(in: file).map { $0.settings.imageCost($0.tensors) } ?? OperationCost()
        try add("clip, picture", look, runs: 5, meter) {
            () throws(DalleError) in
            _ = try scorer.scores([image], prompt)
        }
    }

    private mutating func add(
        _ name: String, _ work: OperationCost, runs: Int, _ meter: LimitMeter, _ body: () throws(DalleError) -> Void
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
                operations: 2 * (work.floatProducts + work.int8Products), limitSeconds: limit, ratio: ratio))
    }
}
