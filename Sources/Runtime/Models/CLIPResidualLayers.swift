import DalleFormat
import DalleKernels
import DalleModels

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
    let positions: Matrix
    let attention: Attention
    let query: Layer
    let key: Layer
    let value: Layer
    let output: Layer

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
