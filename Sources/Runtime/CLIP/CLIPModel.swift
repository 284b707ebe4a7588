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
    private let text: any TextTower
    private let vision: any PictureTower
    private let weights: CLIPWeights

    /// - Throws: `missingInput` when the file has no CLIP, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try CLIPWeights(file, context)
        configuration = weights.configuration
        self.context = context
        logitScale = exp(try weights.tensor("logit_scale").array[0])
        text = try weights.textTower()
        vision = try weights.pictureTower()
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
