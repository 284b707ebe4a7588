import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// CLIP's residual network: features, and attention instead of their mean.
struct ResidualTower<Layer: PoolingLayer>: PictureTower {
    private let features: any ConvExecutor
    private let pooling: AttentionPooling<Layer>

    init(_ weights: CLIPWeights, _ network: CLIPConfiguration.ResidualNetwork) throws(DalleError) {
        features = try weights.tensor.executor(network.features)
        let positions = try weights.tensor("vision.pool.position_embedding")
        pooling = AttentionPooling(
            positions: Matrix(rows: positions.shape[0], columns: positions.shape[1], values: positions.array),
            attention: Attention(heads: network.heads, headWidth: network.pooledWidth / network.heads),
            query: try weights.dense("vision.pool.query"), key: try weights.dense("vision.pool.key"),
            value: try weights.dense("vision.pool.value"), output: try weights.dense("vision.pool.output"))
    }

    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float] {
        try Layer.pool(pooling.states(try features(image)), pooling, context)
    }
}

/// Attention of one query, the mean of all positions, over it and them.
struct AttentionPooling<Layer: DenseLayer>: Sendable {
    let positions: Matrix
    let attention: Attention
    let query: Layer
    let key: Layer
    let value: Layer
    let output: Layer

    /// The mean of all pixels, then the pixels, with their positions: `[1 + pixels, channels]`.
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

/// A dense layer of the route that attention pooling takes.
protocol PoolingLayer: DenseLayer {
    /// The first state's attention over all of them, projected.
    static func pool(
        _ states: Matrix, _ pooling: AttentionPooling<Self>, _ context: ComputeContext
    ) throws(DalleError) -> [Float]
}

extension Dense: PoolingLayer {
    static func pool(_ states: Matrix, _ pooling: AttentionPooling<Dense>, _ context: ComputeContext) -> [Float] {
        let (keys, values) = (pooling.key(states, context), pooling.value(states, context))
        let pooled = pooling.attention(
            pooling.query(states.selecting([0]), context), firstPosition: 0, keys: keys.values.span,
            values: values.values.span, visible: states.rows, context)
        return pooling.output(pooled, context).values
    }
}

extension FastDense: PoolingLayer {
    static func pool(
        _ states: Matrix, _ pooling: AttentionPooling<FastDense>, _ context: ComputeContext
    ) throws(DalleError) -> [Float] {
        let keys = try pooling.key.rows(states, context)
        let values = try pooling.value.rows(states, context)
        let queries = try pooling.query.rows(states.selecting([0]), context)
        let answers = try ActivationRows(rows: 1, columns: states.columns)
        let (heads, width) = (pooling.attention.heads, pooling.attention.headWidth)
        let scores = try ActivationRows(rows: heads, columns: states.rows)
        let cache = try AttentionCache(.float32, sequences: 1, heads: heads, headWidth: width, length: states.rows)
        context.pool.run(over: heads) { part in
            for head in part {
                for row in 0..<states.rows {
                    cache.store(
                        keys: keys, values: values, row: row, column: head * width, sequence: 0, head: head,
                        position: row, context.kernels)
                }
                cache.attend(
                    queries: queries, scores: scores, answers: answers, row: 0, column: head * width, sequence: 0,
                    head: head, positions: states.rows, scale: 1 / Float(width).squareRoot(), outputScale: 1, bias: nil,
                    context.kernels)
            }
        }
        return try pooling.output(Matrix(rows: 1, columns: states.columns, values: Array(answers.row(0))), context)
            .values
    }
}
