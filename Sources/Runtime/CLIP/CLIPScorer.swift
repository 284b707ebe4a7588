import DalleFormat
public import DalleModels
import DalleText
import DalleThreads

/// CLIP as the judge of a model's images; loaded when the first is judged.
final class CLIPScorer: TextImageScorer {
    private let model: LoadedOnce<CLIPModel>
    private let tokenizer: CLIPTokenizer
    /// The last prompt as CLIP sees it: images of one prompt follow each other.
    private let text = Monitor<(prompt: String, vector: [Float])?>(nil)

    /// - Throws: `missingInput` when the file lacks CLIP's tokenizer, `badData` when settings and tensors do not fit.
    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        _ = try CLIPWeights(file, context)
        tokenizer = try CLIPTokenizer(file)
        model = LoadedOnce { () throws(DalleError) in try CLIPModel(file, context) }
    }

    /// The scaled cosine of each image and the prompt.
    func scores(_ images: [Image], _ prompt: String) throws(DalleError) -> [Float] {
        let model = try model.get()
        let text = try vector(prompt, model)
        var scores: [Float] = []
        for image in images {
            let score = model.logit(try model.embed(image.prepared(model.configuration)), text)
            guard score.isFinite else { throw model.nonFinite("CLIP's scores") }
            scores.append(score)
        }
        return scores
    }

    private func vector(_ prompt: String, _ model: CLIPModel) throws(DalleError) -> [Float] {
        if let last = text.withLock({ $0 }), last.prompt == prompt { return last.vector }
        let tokens = tokenizer.encode(prompt, contextLength: model.configuration.contextLength)
        let vector = try model.embed(tokens)
        text.withLock { $0 = (prompt, vector) }
        return vector
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
