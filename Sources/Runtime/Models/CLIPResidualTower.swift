import DalleFormat
import DalleKernels

/// OpenAI's `ModifiedResNet`: anti-aliased strides (average pooling before the convolution that would have one), and
/// attention instead of a mean at the end.
struct CLIPResidualTower: Sendable {
    private let stem: [NormedConvolution]
    private let blocks: [Block]
    private let positions: Matrix
    private let query: Dense
    private let key: Dense
    private let value: Dense
    private let output: Dense
    private let attention: Attention

    private struct Block: Sendable {
        let reduce: NormedConvolution
        let spatial: NormedConvolution
        let expand: NormedConvolution
        let shortcut: NormedConvolution?
        let halves: Bool

        func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
            var y = spatial(reduce(x, context).rectified(), context).rectified()
            if halves { y = y.halved() }
            y = expand(y, context)
            let residual = shortcut.map { $0(halves ? x.halved() : x, context) } ?? x
            y.pixels.scaleAndAdd(1, residual.pixels)
            return y.rectified()
        }
    }

    init(_ weights: CLIPWeights, _ network: CLIPConfiguration.ResidualNetwork) throws(DalleError) {
        stem = [
            try weights.normedConvolution("vision.stem.0", .halving), try weights.normedConvolution("vision.stem.1"),
            try weights.normedConvolution("vision.stem.2"),
        ]
        var blocks: [Block] = []
        for (stage, count) in network.blocks.enumerated() {
            for number in 0..<count {
                let name = "vision.stages.\(stage).\(number)"
                blocks.append(
                    Block(
                        reduce: try weights.normedConvolution("\(name).reduce"),
                        spatial: try weights.normedConvolution("\(name).spatial"),
                        expand: try weights.normedConvolution("\(name).expand"),
                        shortcut: number == 0 ? try weights.normedConvolution("\(name).shortcut") : nil,
                        halves: stage > 0 && number == 0))
            }
        }
        self.blocks = blocks
        let table = try weights.tensor("vision.pool.position_embedding")
        positions = Matrix(rows: table.shape[0], columns: table.shape[1], values: table.array)
        query = try weights.dense("vision.pool.query")
        key = try weights.dense("vision.pool.key")
        value = try weights.dense("vision.pool.value")
        output = try weights.dense("vision.pool.output")
        attention = Attention(heads: network.heads, headWidth: network.pooledWidth / network.heads)
    }

    func embed(_ image: FeatureMap, _ context: ComputeContext) -> [Float] {
        var x = stem.reduce(image) { $1($0, context).rectified() }.halved()
        x = blocks.reduce(x) { $1($0, context) }
        // The mean of all positions stands before them and asks.
        let (count, width) = (x.pixels.rows, x.channels)
        var states = Matrix(rows: count + 1, columns: width)
        for row in 0..<count {
            for i in 0..<width {
                let value = x.pixels.values[row * width + i]
                states.values[i] += value
                states.values[(row + 1) * width + i] = value
            }
        }
        for i in 0..<width { states.values[i] /= Float(count) }
        states.scaleAndAdd(1, positions)
        let (keys, values) = (key(states, context), value(states, context))
        let pooled = attention(
            query(states.selecting([0]), context), firstPosition: 0, keys: keys.values.span,
            values: values.values.span, visible: states.rows, context)
        return output(pooled, context).values
    }
}

/// A convolution without bias, and the batch norm after it with the statistics of training.
struct NormedConvolution: Sendable {
    let convolution: Convolution
    /// The norm as a factor and an offset for each channel.
    private let factor: [Float]
    private let offset: [Float]

    /// PyTorch's default, which no published CLIP changes.
    private static let epsilon = 1e-5

    init(_ convolution: Convolution, scale: [Float], bias: [Float], mean: [Float], variance: [Float]) {
        self.convolution = convolution
        factor = zip(scale, variance).map { Float(Double($0) / (Double($1) + Self.epsilon).squareRoot()) }
        offset = zip(zip(bias, mean), factor).map { Float(Double($0.0) - Double($0.1) * Double($1)) }
    }

    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        var y = convolution(x, context)
        let channels = y.channels
        for start in stride(from: 0, to: y.pixels.values.count, by: channels) {
            for c in 0..<channels { y.pixels.values[start + c] = y.pixels.values[start + c] * factor[c] + offset[c] }
        }
        return y
    }
}

extension CLIPWeights {
    fileprivate func normedConvolution(
        _ name: String, _ placement: Convolution.Placement = .same
    ) throws(DalleError) -> NormedConvolution {
        NormedConvolution(
            Convolution(weight: try tensor("\(name).weight"), bias: nil, placement: placement),
            scale: try tensor("\(name).norm.scale").array, bias: try tensor("\(name).norm.bias").array,
            mean: try tensor("\(name).norm.mean").array, variance: try tensor("\(name).norm.variance").array)
    }
}

extension FeatureMap {
    /// ReLU.
    fileprivate func rectified() -> FeatureMap {
        var y = self
        for i in y.pixels.values.indices where !(y.pixels.values[i] > 0) { y.pixels.values[i] = 0 }
        return y
    }
}
