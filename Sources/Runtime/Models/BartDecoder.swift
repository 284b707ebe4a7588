public import DalleFormat
public import DalleModels

/// The image decoder of DALL·E mini / Mega: from an encoded prompt to the codes of an image, one after the other.
public struct BartDecoder: CodeDecoder {
    public let configuration: BartConfiguration
    let context: ComputeContext
    let embedding: BartEmbedding
    let layers: [TransformerLayer<Dense>]
    let finalNorm: Norm?
    let logits: Dense
    private let weights: BartWeights

    /// Loads all weights as floats.
    ///
    /// - Parameter progress: called with the number of layers loaded.
    public init(
        _ file: ModelFile, _ context: ComputeContext, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        weights = try BartWeights(file, context)
        self.context = context
        configuration = weights.configuration
        embedding = try weights.embedding(.decoder)
        var layers: [TransformerLayer<Dense>] = []
        for number in 0..<configuration.decoder.layers {
            layers.append(try weights.layer(.decoder, number))
            progress(number + 1)
        }
        self.layers = layers
        finalNorm = try weights.finalNorm(.decoder)
        logits = try weights.dense(.logits)
    }

    public func nonFinite(_ results: String, _ session: any DecodingSession, _ tokens: [Int]) -> DalleError {
        weights.nonFinite(results, of: .decoder) { () throws(DalleError) in try session.faultyLayer(tokens) }
    }

    public func session(_ prompts: [EncodedPrompt], rows: [Int]) throws(DalleError) -> any DecodingSession {
        // Keys and values of all layers.
        let positions = rows.count * configuration.imageLength + prompts.count * configuration.textLength
        try SystemMemory.requireFloats(
            2 * configuration.decoder.layers * positions * configuration.width, for: "keys and values")
        return BartSession(self, prompts, rows: rows)
    }
}
