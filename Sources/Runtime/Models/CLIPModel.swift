public import DalleFormat
import DalleKernels
public import DalleModels
import Foundation

/// CLIP (arXiv 2103.00020): texts and pictures as vectors that can be compared.
public struct CLIPModel: Sendable {
    public let configuration: CLIPConfiguration
    /// exp of the stored one: multiplies the cosine of two vectors.
    public let logitScale: Float
    private let context: ComputeContext
    private let text: TextTower
    private let vision: any PictureTower
    private let weights: CLIPWeights

    /// - Throws: `missingInput` when the file has no CLIP, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try CLIPWeights(file, context)
        configuration = weights.configuration
        self.context = context
        logitScale = exp(try weights.tensor("logit_scale").array[0])
        text = try TextTower(weights)
        vision =
            switch weights.configuration.vision {
            case .transformer(let tower, let patchSize): try VisionTower(weights, tower, patchSize: patchSize)
            case .residual(let network): try weights.residualTower(network)
            }
    }

    /// The vector of a text, of any length.
    ///
    /// - Parameter tokens: begin token, text, end token; at most the context's length.
    public func embed(_ tokens: [Int]) throws(DalleError) -> [Float] {
        guard (1...configuration.contextLength).contains(tokens.count) else {
            throw DalleError(.usage, "\(tokens.count) tokens, expected at most \(configuration.contextLength)")
        }
        return try text.embed(tokens, context)
    }

    /// The vector of a picture that has been prepared: `[size, size, 3]`, normalised colours.
    public func embed(_ pixels: FeatureMap) throws(DalleError) -> [Float] {
        let size = configuration.imageSize
        guard pixels.height == size, pixels.width == size, pixels.channels == 3 else {
            throw DalleError(
                .usage, "a picture of \(pixels.width) × \(pixels.height) pixels, expected \(size) × \(size)")
        }
        return try vision.embed(pixels, context)
    }

    /// The error for results that are no numbers.
    func nonFinite(_ results: String) -> DalleError { weights.tensor.nonFinite(results) { nil } }

    /// The scaled cosine of two vectors: the higher, the better picture and text fit.
    public func logit(_ a: [Float], _ b: [Float]) -> Float {
        func dot(_ x: [Float], _ y: [Float]) -> Float { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
        return logitScale * dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
}

/// A transformer in which a token sees those before it; the state at the end token sums the text up.
private struct TextTower: Sendable {
    private let tokens: EmbeddingTable
    private let positions: Matrix
    private let tower: any CLIPTower
    private let poolingToken: Int?

    init(_ weights: CLIPWeights) throws(DalleError) {
        tokens = try weights.tensor.table("text.token_embedding", isReadRarely: true)
        let positions = try weights.tensor("text.position_embedding")
        self.positions = Matrix(rows: positions.shape[0], columns: positions.shape[1], values: positions.array)
        tower = try weights.tower("text", weights.configuration.text, isCausal: true)
        poolingToken = weights.configuration.poolingToken
    }

    func embed(_ ids: [Int], _ context: ComputeContext) throws(DalleError) -> [Float] {
        // Nothing after the position that is read can change it.
        let largest = ids.max()
        let last = ids.firstIndex { $0 == poolingToken ?? largest } ?? 0
        var x = Matrix(rows: last + 1, columns: tokens.shape[1])
        for (row, id) in ids[...last].enumerated() {
            x.setRow(row, zip(try tokens.row(id), positions.row(row)).map(+))
        }
        return try tower(x, row: last, context)
    }
}

/// A transformer over the patches of a picture and one more state, the class embedding, that sums it up.
private struct VisionTower: PictureTower {
    private let patchSize: Int
    private let patches: any DenseLayer
    private let classEmbedding: [Float]
    private let positions: [Float]
    private let inputNorm: Norm
    private let tower: any CLIPTower

    init(_ weights: CLIPWeights, _ tower: CLIPConfiguration.Tower, patchSize: Int) throws(DalleError) {
        self.patchSize = patchSize
        patches = try weights.patchEmbedding()
        classEmbedding = try weights.tensor("vision.class_embedding").array
        positions = try weights.tensor("vision.position_embedding").array
        inputNorm = try weights.norm("vision.input_norm")
        self.tower = try weights.tower("vision", tower, isCausal: false)
    }

    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float] {
        let embedded = try patches(image.patches(patchSize), context)
        var x = Matrix(
            rows: embedded.rows + 1, columns: embedded.columns, values: classEmbedding + embedded.values)
        for i in x.values.indices { x.values[i] += positions[i] }
        return try tower(inputNorm(x), row: 0, context)
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
