import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// Attention among all pixels of an image with one head, and a residual.
struct FastSpatialAttention: Sendable {
    private let layers: SpatialAttention<FastConvolution, GroupNorm>
    private let pixels: Int
    private let channels: Int
    /// Of queries, keys and values, in that order, and of the output.
    private let projections: [ConvolutionPlan]
    /// For as many queries as are answered at once, and for those at the end: their scores and their answers.
    private let parts: [(start: Int, scores: ConvolutionPlan, answers: ConvolutionPlan)]

    /// Scores of so many queries are in memory at once.
    private static let queriesAtOnce = 256

    init(_ layers: SpatialAttention<FastConvolution, GroupNorm>, height: Int, width: Int) {
        let (pixels, channels) = (height * width, layers.output.settings.inputs)
        self.layers = layers
        self.pixels = pixels
        self.channels = channels
        projections = [layers.query, layers.key, layers.value, layers.output].map { $0.plan(height: 1, width: pixels) }
        parts = stride(from: 0, to: pixels, by: Self.queriesAtOnce).map { start in
            let count = min(Self.queriesAtOnce, pixels - start)
            func plan(_ inputs: Int, _ outputs: Int) -> ConvolutionPlan {
                ConvolutionPlan(
                    .floats, ConvolutionPlan.Geometry(inputs: inputs, outputs: outputs), height: 1, width: count)
            }
            return (start, plan(channels, pixels), plan(pixels, channels))
        }
    }

    /// The layer that ends it.
    var name: String { layers.output.settings.name }

    var plans: [ConvolutionPlan] { projections + parts.flatMap { [$0.scores, $0.answers] } }

    /// Numbers of the queries, keys, values and answers, `[4, pixels, channels]`, and the scores of a part.
    var scratchCount: Int { 4 * pixels * channels + min(pixels, Self.queriesAtOnce) * pixels }

    /// - Parameters:
    ///   - image: As one row; takes the results.
    ///   - statistics: Of the image; nil where nobody knows them.
    /// - Returns: The statistics of the results.
    func run(
        _ image: Pixels, _ statistics: ChannelStatistics?, scratch: Memory<Float>, isFused: Bool,
        _ workspace: ConvolutionWorkspace, _ context: ComputeContext
    ) -> ChannelStatistics {
        func hidden(_ number: Int) -> Pixels {
            Pixels(scratch, start: number * pixels * channels, height: 1, width: pixels, channels: channels)
        }
        let normed = ConvolutionInput(norm: layers.norm.affine(statistics, of: image))
        for (number, layer) in [layers.query, layers.key, layers.value].enumerated() {
            _ = layer.run(
                projections[number], image, normed, into: hidden(number), isFused: isFused, workspace, context)
        }
        for part in parts { answer(part, scratch, isFused: isFused, workspace, context) }
        return layers.output.run(
            projections[3], hidden(3), ConvolutionInput(), residual: image, into: image, isFused: isFused, workspace,
            context)
    }

    /// softmax(q kᵀ / √width) v for some of the queries.
    private func answer(
        _ part: (start: Int, scores: ConvolutionPlan, answers: ConvolutionPlan), _ scratch: Memory<Float>,
        isFused: Bool, _ workspace: ConvolutionWorkspace, _ context: ComputeContext
    ) {
        let kernels = context.kernels
        let count = part.scores.width
        func rows(_ number: Int, from start: Int, _ count: Int) -> Pixels {
            Pixels(
                scratch, start: (number * pixels + start) * channels, height: 1, width: count, channels: channels)
        }
        let (queries, answers) = (rows(0, from: part.start, count), rows(3, from: part.start, count))
        let (keys, values) = (rows(1, from: 0, pixels), rows(2, from: 0, pixels))
        let scores = Pixels(
            scratch, start: 4 * pixels * channels, height: 1, width: count, channels: pixels)
        let (plain, output) = (ConvolutionInput(), Kernels.Epilogue(isFused: isFused))

        context.pool.runAll(part.scores.packingCount) {
            kernels.pack(part.scores, part: $0, pixels: keys, workspace)
        }
        context.pool.runAll(part.scores.preparationCount) {
            kernels.prepare(part.scores, part: $0, queries, plain, workspace)
        }
        context.pool.runAll(part.scores.taskCount) {
            kernels.convolve(part.scores, task: $0, plain, bias: nil, output, into: scores, workspace)
        }
        let scale = 1 / Float(channels).squareRoot()
        context.pool.run(over: count) { range in
            for pixel in range { kernels.softmax(scores, pixel: pixel, scale: scale) }
        }
        context.pool.runAll(part.answers.packingCount) {
            kernels.pack(part.answers, part: $0, channels: values, workspace)
        }
        context.pool.runAll(part.answers.preparationCount) {
            kernels.prepare(part.answers, part: $0, scores, plain, workspace)
        }
        context.pool.runAll(part.answers.taskCount) {
            kernels.convolve(part.answers, task: $0, plain, bias: nil, output, into: answers, workspace)
        }
    }
}

extension GroupNorm {
    /// The norm of an image as a factor and an offset for each channel.
    ///
    /// - Parameter statistics: Those that the image's last convolution has left; nil to look for them.
    func affine(_ statistics: ChannelStatistics?, of image: Pixels) -> (factor: [Float], offset: [Float]) {
        let statistics = statistics ?? ChannelStatistics(image)
        let size = image.channels / groups
        func total(_ numbers: [Double]) -> [Double] {
            (0..<groups).map { group in
                var sum = 0.0
                for channel in group * size..<(group + 1) * size { sum += numbers[channel] }
                return sum
            }
        }
        return affine(sums: total(statistics.sums), squares: total(statistics.squares), count: image.count * size)
    }
}
