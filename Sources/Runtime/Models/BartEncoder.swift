public import DalleFormat

/// What the encoder makes of a prompt.
public struct EncodedPrompt: Sendable {
    /// `[text length, width]`, padding included.
    public let states: Matrix
    public let visible: Int
}

/// The text encoder of DALL·E mini / Mega.
///
/// It runs once for a prompt, so its layers are loaded one after the other and not kept.
public struct BartEncoder: Sendable {
    public let configuration: BartConfiguration
    private let weights: BartWeights

    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try BartWeights(file, context)
        configuration = weights.configuration
    }

    /// Encodes prompts together, so that every layer is loaded once.
    ///
    /// - Parameter progress: called with the number of layers done.
    /// - Throws: `usage` when a prompt has not the model's text length or an id outside the vocabulary.
    public func encode(
        _ prompts: [TokenizedPrompt], progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> [EncodedPrompt] {
        let length = configuration.textLength
        for prompt in prompts where prompt.ids.count != length || !(1...length).contains(prompt.visible) {
            throw DalleError(
                .usage, "a prompt of \(prompt.ids.count) ids, \(prompt.visible) of them visible, expected \(length)")
        }
        let context = weights.context
        let embedding = try weights.embedding(.encoder)
        var x = try embedding(prompts.flatMap { $0.ids.enumerated().map { ($1, $0) } })
        for number in 0..<configuration.encoder.layers {
            let layer: TransformerLayer<Dense> = try weights.layer(.encoder, number)
            layer.encode(&x, length: length, visible: prompts.map(\.visible), context)
            progress(number + 1)
        }
        if let finalNorm = try weights.finalNorm(.encoder) { x = finalNorm(x) }
        return prompts.enumerated().map { index, prompt in
            EncodedPrompt(states: x.selecting(index * length..<(index + 1) * length), visible: prompt.visible)
        }
    }
}
