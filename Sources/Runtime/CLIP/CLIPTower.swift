import DalleFormat
import DalleModels

/// What makes a vector of a picture.
protocol PictureTower: Sendable {
    /// - Parameter image: `[size, size, 3]`, normalised colours.
    /// - Throws: `noMemory`.
    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float]
}

/// What makes a vector of a text.
protocol TextTower: Sendable {
    /// - Parameter ids: Begin token, text, end token.
    func embed(_ ids: [Int], _ context: ComputeContext) throws(DalleError) -> [Float]
}

/// The layers of one of CLIP's transformers, the norm after them, and the projection of the one state that sums up the others.
private struct SummingTransformer<Executor: TransformerExecutor>: Sendable {
    private let transformer: Transformer<Executor.Layer>
    private let projection: Executor.Layer
    private let width: Int

    init(_ weights: CLIPWeights, _ stack: TransformerStack) throws(DalleError) {
        transformer = try Transformer(weights.tensor, stack)
        projection = try Executor.Layer(weights.tensor, weight: "\(stack.name).projection.weight", bias: nil)
        width = weights.configuration.projectionWidth
    }

    /// - Parameters:
    ///   - row: Of the state that is projected.
    ///   - count: Of the states.
    ///   - input: Gives them.
    func callAsFunction(
        row: Int, of count: Int, _ context: ComputeContext, _ input: (Executor) throws(DalleError) -> Void
    ) throws(DalleError) -> [Float] {
        let executor = try Executor(
            transformer, context,
            TransformerCapacity(sequences: 1, length: count, rows: count, isIncremental: false))
        try input(executor)
        let isCausal = transformer.stack.layers.contains { $0.selfAttention.isCausal }
        let entries = (0..<count).map {
            TransformerEntry(sequence: 0, position: $0, visible: isCausal ? $0 + 1 : count)
        }
        try executor.run(entries) { _ in }
        var vector = Matrix(rows: 1, columns: width)
        try executor.project([row], projection, into: &vector, at: [0])
        return vector.values
    }
}

/// A transformer in which a token sees those before it; the state at the end token sums the text up.
struct TextTransformer<Executor: TransformerExecutor>: TextTower {
    private let embedding: TokenEmbedding
    private let layers: SummingTransformer<Executor>
    private let poolingToken: Int?

    init(_ weights: CLIPWeights) throws(DalleError) {
        embedding = TokenEmbedding(
            tokens: try weights.tensor.table("text.token_embedding", isReadRarely: true),
            positions: try weights.tensor("text.position_embedding"), scale: 1, norm: nil)
        layers = try SummingTransformer(weights, weights.configuration.textTransformer)
        poolingToken = weights.configuration.poolingToken
    }

    func embed(_ ids: [Int], _ context: ComputeContext) throws(DalleError) -> [Float] {
        // Nothing after the position that is read can change it.
        let largest = ids.max()
        let last = ids.firstIndex { $0 == poolingToken ?? largest } ?? 0
        return try layers(row: last, of: last + 1, context) { executor throws(DalleError) in
            try executor.embed(ids[...last].enumerated().map { ($1, $0) }, embedding)
        }
    }
}

/// A transformer over the patches of a picture and one more state, the class embedding, that sums it up.
struct VisionTransformer<Executor: TransformerExecutor>: PictureTower {
    private let patchSize: Int
    /// A convolution whose steps are as large as its kernel.
    private let patches: Executor.Layer
    private let classEmbedding: [Float]
    private let positions: [Float]
    private let inputNorm: Norm
    private let layers: SummingTransformer<Executor>

    init(_ weights: CLIPWeights, _ tower: CLIPConfiguration.Tower, patchSize: Int) throws(DalleError) {
        self.patchSize = patchSize
        let stack = weights.configuration.visionTransformer(tower)
        patches = try Executor.Layer(weights.tensor, weight: "vision.patch_embedding.weight", bias: nil)
        classEmbedding = try weights.tensor("vision.class_embedding").array
        positions = try weights.tensor("vision.position_embedding").array
        inputNorm = try weights.tensor.norm(CLIPConfiguration.norm) { "vision.input_norm.\($0)" }
        layers = try SummingTransformer(weights, stack)
    }

    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float] {
        let embedded = try patches(image.patches(patchSize), context)
        var x = Matrix(
            rows: embedded.rows + 1, columns: embedded.columns, values: classEmbedding + embedded.values)
        for i in x.values.indices { x.values[i] += positions[i] }
        return try layers(row: 0, of: x.rows, context) { [inputNorm] executor throws(DalleError) in
            try executor.begin(inputNorm(x))
        }
    }
}

extension FeatureMap {
    /// Square patches, row by row, each as `[height, width, channels]` in one row.
    fileprivate func patches(_ size: Int) -> Matrix {
        var result = Matrix(rows: (height / size) * (width / size), columns: size * size * channels)
        for row in 0..<result.rows {
            let (top, left) = (row / (width / size) * size, row % (width / size) * size)
            for y in 0..<size {
                let source = ((top + y) * width + left) * channels
                let target = row * result.columns + y * size * channels
                for i in 0..<size * channels { result.values[target + i] = pixels.values[source + i] }
            }
        }
        return result
    }
}
