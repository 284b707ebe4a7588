import DalleFormat
import DalleKernels

/// OpenAI's `ModifiedResNet`: anti-aliased strides (average pooling before the convolution that would have one), and
/// attention instead of a mean at the end. ReLU follows every convolution of the stem.
struct CLIPResidualLayers<Layer: ConvolutionLayer, Projection: DenseLayer>: Sendable {
    let stem: [Layer]
    let blocks: [CLIPResidualBlock<Layer>]
    let pooling: CLIPAttentionPooling<Projection>

    init(_ weights: CLIPWeights, _ network: CLIPConfiguration.ResidualNetwork) throws(DalleError) {
        func convolution(_ name: String, _ placement: Convolution.Placement = .same) throws(DalleError) -> Layer {
            try Layer(weights.tensor, "vision.\(name)", placement)
        }
        stem = [
            try convolution("stem.0", .halving), try convolution("stem.1"), try convolution("stem.2"),
        ]
        var blocks: [CLIPResidualBlock<Layer>] = []
        for (stage, count) in network.blocks.enumerated() {
            for number in 0..<count {
                let name = "stages.\(stage).\(number)"
                blocks.append(
                    CLIPResidualBlock(
                        reduce: try convolution("\(name).reduce"), spatial: try convolution("\(name).spatial"),
                        expand: try convolution("\(name).expand"),
                        shortcut: number == 0 ? try convolution("\(name).shortcut") : nil,
                        halving: number > 0 ? .none : stage == 0 ? .before : .within))
            }
        }
        self.blocks = blocks
        let table = try weights.tensor("vision.pool.position_embedding")
        pooling = CLIPAttentionPooling(
            positions: Matrix(rows: table.shape[0], columns: table.shape[1], values: table.array),
            attention: Attention(heads: network.heads, headWidth: network.pooledWidth / network.heads),
            query: try weights.dense("vision.pool.query"), key: try weights.dense("vision.pool.key"),
            value: try weights.dense("vision.pool.value"), output: try weights.dense("vision.pool.output"))
    }
}

/// relu(expand(relu(spatial(relu(reduce x)))) + x), x through a convolution where sizes differ.
struct CLIPResidualBlock<Layer: ConvolutionLayer>: Sendable {
    /// Where the mean of each square of four pixels is taken.
    enum Halving: Sendable {
        case none
        /// Of the block's input: what ends the stem.
        case before
        /// Of the input of `expand` and of `shortcut`.
        case within
    }

    let reduce: Layer
    let spatial: Layer
    let expand: Layer
    let shortcut: Layer?
    let halving: Halving
}

/// Attention of one query, the mean of all positions, over it and them.
struct CLIPAttentionPooling<Layer: DenseLayer>: Sendable {
    private let positions: Matrix
    let attention: Attention
    let query: Layer
    let key: Layer
    let value: Layer
    let output: Layer

    init(positions: Matrix, attention: Attention, query: Layer, key: Layer, value: Layer, output: Layer) {
        self.positions = positions
        self.attention = attention
        self.query = query
        self.key = key
        self.value = value
        self.output = output
    }

    /// The mean of all pixels, then the pixels, with their positions.
    func states(_ image: FeatureMap) -> Matrix {
        let (count, width) = (image.pixels.rows, image.channels)
        var states = Matrix(rows: count + 1, columns: width)
        for row in 0..<count {
            for i in 0..<width {
                let value = image.pixels.values[row * width + i]
                states.values[i] += value
                states.values[(row + 1) * width + i] = value
            }
        }
        for i in 0..<width { states.values[i] /= Float(count) }
        states.scaleAndAdd(1, positions)
        return states
    }
}

/// The network on the reference route.
struct ReferenceResidualTower: PictureTower {
    let layers: CLIPResidualLayers<Convolution, Dense>

    func embed(_ image: FeatureMap, _ context: ComputeContext) -> [Float] {
        let x = layers.stem.reduce(image) { $1($0, context).rectified() }
        return layers.pooling(layers.blocks.reduce(x) { $1($0, context) }, context)
    }
}

extension CLIPResidualBlock<Convolution> {
    fileprivate func callAsFunction(_ image: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        let x = halving == .before ? image.halved() : image
        var y = spatial(reduce(x, context).rectified(), context).rectified()
        if halving == .within { y = y.halved() }
        y = expand(y, context)
        let residual = shortcut.map { $0(halving == .within ? x.halved() : x, context) } ?? x
        y.pixels.scaleAndAdd(1, residual.pixels)
        return y.rectified()
    }
}

extension CLIPAttentionPooling<Dense> {
    fileprivate func callAsFunction(_ image: FeatureMap, _ context: ComputeContext) -> [Float] {
        let states = states(image)
        let (keys, values) = (key(states, context), value(states, context))
        let pooled = attention(
            query(states.selecting([0]), context), firstPosition: 0, keys: keys.values.span,
            values: values.values.span, visible: states.rows, context)
        return output(pooled, context).values
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
