import DalleFormat
import DalleKernels
import DalleThreads

/// Attention among all pixels of an image with one head, and a residual.
struct FastAttention: Sendable {
    private let layers: SpatialAttention<FastConvolution>
    private let pixels: Int
    private let channels: Int
    /// Of queries, keys and values, in that order, and of the output.
    private let projections: [ConvolutionPlan]
    /// For as many queries as are answered at once, and for those at the end: their scores and their answers.
    private let parts: [(start: Int, scores: ConvolutionPlan, answers: ConvolutionPlan)]

    /// Scores of so many queries are in memory at once.
    private static let queriesAtOnce = 256

    init(_ layers: SpatialAttention<FastConvolution>, height: Int, width: Int) {
        let (pixels, channels) = (height * width, layers.output.inputs)
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
    var name: String { layers.output.name }

    /// Where it leaves its results.
    func image(in room: FastImageRoom) -> Pixels {
        Pixels(room.image, height: 1, width: pixels, channels: channels)
    }

    var plans: [ConvolutionPlan] { projections + parts.flatMap { [$0.scores, $0.answers] } }

    /// Queries, keys, values and answers, and the scores of a part.
    var hiddenCount: Int { 4 * pixels * channels + min(pixels, Self.queriesAtOnce) * pixels }

    /// - Parameter known: About the image.
    /// - Returns: What is then known about it.
    func run(_ room: FastImageRoom, _ known: ChannelStatistics?, _ context: ComputeContext) -> ChannelStatistics {
        let image = image(in: room)
        func hidden(_ number: Int) -> Pixels {
            Pixels(room.hidden, start: number * pixels * channels, height: 1, width: pixels, channels: channels)
        }
        let normed = ConvolutionInput(norm: layers.norm.affine(known, pixels: pixels))
        for (number, layer) in [layers.query, layers.key, layers.value].enumerated() {
            _ = layer.run(
                projections[number], image, normed, into: hidden(number), isFused: room.plan.isFused,
                room.workspace, context)
        }
        for part in parts { answer(part, room, context) }
        return layers.output.run(
            projections[3], hidden(3), ConvolutionInput(), residual: image, into: image, isFused: room.plan.isFused,
            room.workspace, context)
    }

    /// softmax(q kᵀ / √width) v for some of the queries.
    private func answer(
        _ part: (start: Int, scores: ConvolutionPlan, answers: ConvolutionPlan), _ room: FastImageRoom,
        _ context: ComputeContext
    ) {
        let (kernels, workspace) = (context.kernels, room.workspace)
        let count = part.scores.width
        func rows(_ number: Int, from start: Int, _ count: Int) -> Pixels {
            Pixels(
                room.hidden, start: (number * pixels + start) * channels, height: 1, width: count, channels: channels)
        }
        let (queries, answers) = (rows(0, from: part.start, count), rows(3, from: part.start, count))
        let (keys, values) = (rows(1, from: 0, pixels), rows(2, from: 0, pixels))
        let scores = Pixels(
            room.hidden, start: 4 * pixels * channels, height: 1, width: count, channels: pixels)
        let (plain, output) = (ConvolutionInput(), Kernels.ConvolutionOutput(isFused: room.plan.isFused))

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
    /// - Parameter known: What the convolution that wrote the image has left; a norm never comes first.
    func affine(_ known: ChannelStatistics?, pixels: Int) -> (factor: [Float], offset: [Float]) {
        guard let known else { preconditionFailure("a norm of an image that no convolution has written") }
        let size = known.sums.count / groups
        func total(_ numbers: [Double]) -> [Double] {
            (0..<groups).map { group in
                var sum = 0.0
                for channel in group * size..<(group + 1) * size { sum += numbers[channel] }
                return sum
            }
        }
        return affine(sums: total(known.sums), squares: total(known.squares), count: pixels * size)
    }
}
