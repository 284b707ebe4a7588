public import DalleFormat

/// Judges by CLIP how well pictures fit a prompt.
public struct Reranker: Sendable {
    private let model: CLIPModel
    private let tokenizer: CLIPTokenizer

    /// - Throws: `missingInput` when the file lacks CLIP or its tokenizer, `badData` when one is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        model = try CLIPModel(file, context)
        tokenizer = try CLIPTokenizer(file)
    }

    /// The scaled cosine of prompt and picture: the higher, the better they fit.
    public func score(_ image: Image, _ prompt: String) throws(DalleError) -> Float {
        let tokens = tokenizer.encode(prompt, contextLength: model.configuration.contextLength)
        return model.logit(try model.embed(image.prepared(model.configuration)), try model.embed(tokens))
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
