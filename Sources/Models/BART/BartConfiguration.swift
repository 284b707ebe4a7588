public import DalleFormat

/// Hyper-parameters of a DALL·E mini / Mega text-to-codes model, with every option upstream's code can build.
///
/// Upstream: `DalleBartConfig` of dalle-mini 0.1.5.
public struct BartConfiguration: Sendable, Equatable {
    public enum Side: String, CaseIterable, Sendable { case encoder, decoder }

    /// Sizes of one side.
    public struct Stack: Sendable, Equatable {
        public var layers: Int
        public var heads: Int
        public var feedForwardWidth: Int
        /// A norm after the last layer; never with `postln`, which ends every layer with one.
        public var hasFinalNorm: Bool

        public init(layers: Int, heads: Int, feedForwardWidth: Int, hasFinalNorm: Bool) {
            self.layers = layers
            self.heads = heads
            self.feedForwardWidth = feedForwardWidth
            self.hasFinalNorm = hasFinalNorm
        }
    }

    /// Where a layer's norms stand; the names are upstream's `ln_positions`.
    public enum NormPlacement: String, CaseIterable, Sendable {
        case normformer, preln, cogview, subln, swinv2, postln
    }

    /// Width of the hidden states (`d_model`).
    public var width: Int
    public var encoder: Stack
    public var decoder: Stack
    /// Rows of the text embedding; the tokenizer may have fewer entries.
    public var textVocabulary: Int
    /// Rows of the image embedding and number of logits: the codes, then special ids.
    public var imageVocabulary: Int
    /// Text positions, padding included.
    public var textLength: Int
    /// Codes of an image.
    public var imageLength: Int
    public var startToken: Int
    public var padToken: Int
    public var endToken: Int

    public var activation = Activation.gelu
    public var normKind = NormKind.layerNorm
    public var normPlacement = NormPlacement.normformer
    /// Every norm has a scale, also those followed by a dense layer.
    public var forcesNormScale = false
    /// With `postln`: the last layer's last norm has a scale, as when layers were stacked for scanning.
    public var scalesLastResidualNorm = true
    public var usesGLU = true
    public var usesBias = false
    public var usesHeadScale = false
    /// Queries and keys are normalised and their products divided by this instead of √(head width).
    public var cosineAttentionTau: Double?
    /// A learned bias for each query, key and head.
    public var usesPositionBias = false
    public var usesAbsolutePositions = true
    public var usesDeepNetScaling = false
    /// Encoder attention: alternating row and column normalisations; 1 is softmax.
    public var sinkhornIterations = 1
    /// Token embeddings are multiplied by √width.
    public var scalesEmbedding = false
    /// Prompts pass the text normaliser before the tokenizer.
    public var normalizesText = true

    public init(
        width: Int, encoder: Stack, decoder: Stack, textVocabulary: Int, imageVocabulary: Int,
        textLength: Int, imageLength: Int, startToken: Int, padToken: Int, endToken: Int
    ) {
        self.width = width
        self.encoder = encoder
        self.decoder = decoder
        self.textVocabulary = textVocabulary
        self.imageVocabulary = imageVocabulary
        self.textLength = textLength
        self.imageLength = imageLength
        self.startToken = startToken
        self.padToken = padToken
        self.endToken = endToken
    }

    public subscript(side: Side) -> Stack { side == .encoder ? encoder : decoder }

    /// Factor of the residual branch in all sublayers of a side (DeepNet, arXiv 2203.00555); 1 without it.
    public func residualScale(_ side: Side) -> Double {
        guard usesDeepNetScaling else { return 1 }
        let (n, m) = (Double(encoder.layers), Double(decoder.layers))
        return switch side {
        case .encoder: 0.81 * (n * n * n * n * m).fourthRoot.fourthRoot
        case .decoder: (3 * m).fourthRoot
        }
    }
}

extension Double {
    fileprivate var fourthRoot: Double { squareRoot().squareRoot() }
}

extension BartConfiguration {
    /// Refuses sizes that do not fit together.
    public func validate() throws(DalleError) {
        for side in Side.allCases where width % self[side].heads != 0 {
            throw DalleError(
                .badData, "a width of \(width) cannot be divided among \(self[side].heads) heads", item: side.rawValue)
        }
        for (name, token) in [("start", startToken), ("padding", padToken), ("end", endToken)]
        where token >= imageVocabulary {
            throw DalleError(
                .badData, "the \(name) id \(token) is not below \(imageVocabulary), the rows of the image embedding")
        }
        if normPlacement == .postln, encoder.hasFinalNorm || decoder.hasFinalNorm {
            throw DalleError(.badData, "postln has no final norm")
        }
    }
}
