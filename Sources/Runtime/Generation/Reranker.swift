public import DalleFormat
public import DalleModels
import DalleText

/// Judges by CLIP how well pictures fit a prompt.
public struct Reranker: Sendable {
    private let model: CLIPModel
    private let tokenizer: CLIPTokenizer

    /// - Throws: `missingInput` when the file lacks CLIP or its tokenizer, `badData` when one is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        model = try CLIPModel(file, context)
        tokenizer = try CLIPTokenizer(file)
    }

    /// Whether the file has what ranking needs, before anything is drawn.
    ///
    /// - Throws: `missingInput` when the file lacks CLIP or its tokenizer, `badData` when one is not understood.
    static func check(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        _ = try CLIPWeights(file, context)
        _ = try CLIPTokenizer(file)
    }

    /// A prompt as CLIP sees it.
    public func vector(_ prompt: String) throws(DalleError) -> [Float] {
        try model.embed(tokenizer.encode(prompt, contextLength: model.configuration.contextLength))
    }

    /// The scaled cosine of picture and prompt: the higher, the better they fit.
    ///
    /// - Parameter text: The prompt's vector.
    /// - Throws: `badData` naming the tensor when the score is infinite or no number.
    public func score(_ image: Image, _ text: [Float]) throws(DalleError) -> Float {
        let score = model.logit(try model.embed(image.prepared(model.configuration)), text)
        guard score.isFinite else { throw model.nonFinite("CLIP's scores") }
        return score
    }
}

/// The best images of a group, or all of them without a judge.
struct BestOfGroup {
    private let keep: Int
    private let reranker: Reranker?
    private var drawn: [ImageGenerator.Result] = []
    /// Of the prompt of the group that is being drawn.
    private var text: [Float]?

    init(keep: Int, reranker: Reranker?) {
        self.keep = keep
        self.reranker = reranker
    }

    /// Takes the next image.
    ///
    /// - Parameter isLast: no further image of its group follows.
    /// - Returns: What can be handed over now, the best first.
    mutating func add(
        _ result: ImageGenerator.Result, isLast: Bool
    ) throws(DalleError) -> [ImageGenerator.Result] {
        guard let reranker else { return [result] }
        var result = result
        let text = if let text { text } else { try reranker.vector(result.request.prompt) }
        self.text = isLast ? nil : text
        result.score = try reranker.score(result.image, text)
        drawn.append(result)
        guard isLast else { return [] }
        defer { drawn = [] }
        // Of equal ones the first drawn comes first.
        let ranked = drawn.enumerated().sorted {
            let (a, b) = ($0.element.score ?? 0, $1.element.score ?? 0)
            return a != b ? a > b : $0.offset < $1.offset
        }
        return ranked.prefix(keep).map(\.element)
    }
}

extension Image {
    /// The picture as CLIP takes it: its middle, in the model's size, with normalised colours.
    ///
    /// Upstream: `_transform` of OpenAI's CLIP. The short side becomes the model's size, the long side is rounded down.
    public func prepared(_ configuration: CLIPConfiguration) -> FeatureMap {
        let size = configuration.imageSize
        var image = self
        if min(width, height) != size {
            image =
                width < height
                ? image.resized(width: size, height: size * height / width)
                : image.resized(width: size * width / height, height: size)
        }
        image = image.centerCropped(width: size, height: size)
        let (mean, deviation) = (configuration.pixelMean, configuration.pixelDeviation)
        let values = image.bytes.indices.map { i in
            (Float(image.bytes[i]) / 255 - Float(mean[i % 3])) / Float(deviation[i % 3])
        }
        return FeatureMap(height: size, width: size, pixels: Matrix(rows: size * size, columns: 3, values: values))
    }
}
