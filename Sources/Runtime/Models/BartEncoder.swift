public import DalleFormat
public import DalleModels
public import DalleText

/// The text encoder of DALL·E mini / Mega.
///
/// It runs once for a prompt, so its layers are loaded one after the other and not kept.
public struct BartEncoder: PromptEncoder {
    public let configuration: BartConfiguration
    private let weights: BartWeights

    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try BartWeights(file, context)
        configuration = weights.configuration
    }

    public func encode(
        _ prompts: [TokenizedPrompt], progress: (Int) -> Void
    ) throws(DalleError) -> [EncodedPrompt] {
        try configuration.check(prompts)
        let length = configuration.textLength
        let context = weights.context
        // A row's states with what a layer makes of them.
        let numbers = 8 * configuration.width + 3 * configuration.encoder.feedForwardWidth
        try SystemMemory.requireFloats(prompts.count * length * numbers, for: "the states of prompts")
        let embedding = try weights.embedding(.encoder)
        var x = try embedding(prompts.flatMap { $0.ids.enumerated().map { ($1, $0) } })
        var faulty = [Int?](repeating: nil, count: prompts.count)
        for number in 0..<configuration.encoder.layers {
            let layer: TransformerLayer<Dense> = try weights.layer(.encoder, number)
            layer.encode(&x, length: length, visible: prompts.map(\.visible), context)
            // Once a prompt: it costs nothing.
            for index in prompts.indices where faulty[index] == nil {
                if !x.selecting(index * length..<(index + 1) * length).isFinite { faulty[index] = number }
            }
            progress(number + 1)
        }
        if let finalNorm = try weights.finalNorm(.encoder) { x = finalNorm(x) }
        return prompts.enumerated().map { index, prompt in
            EncodedPrompt(
                states: x.selecting(index * length..<(index + 1) * length), visible: prompt.visible,
                faultyLayer: faulty[index])
        }
    }

    public func nonFinite(_ results: String, _ prompt: EncodedPrompt) -> DalleError {
        weights.nonFinite(results, prompt)
    }
}
