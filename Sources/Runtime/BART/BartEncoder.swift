public import DalleFormat
public import DalleModels
import DalleText

/// The text encoder of DALL·E mini / Mega.
///
/// It runs once for a prompt, so its layers are loaded one after the other and not kept.
public struct BartEncoder: PromptEncoder {
    public let configuration: BartConfiguration
    private let weights: BartWeights
    private let stack: TransformerStack

    /// - Throws: `missingInput` when the file has no such model, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try BartWeights(file, context)
        configuration = weights.configuration
        stack = configuration.transformer(.encoder)
        if !isFast { try context.prepareReference() }
    }

    /// Sinkhorn attention normalises over all queries, those of padding too, which only the reference route has.
    private var isFast: Bool { weights.context.route == .fast && !stack.normalizesOverQueries }

    public func encode(
        _ prompts: [TokenizedPrompt], progress: (Int) -> Void
    ) throws(DalleError) -> [EncodedPrompt] {
        try configuration.check(prompts)
        guard !prompts.isEmpty else { return [] }
        return isFast
            ? try encode(prompts, FastTransformer.self, progress)
            : try encode(prompts, PlainTransformer.self, progress)
    }

    private func encode<Executor: TransformerExecutor>(
        _ prompts: [TokenizedPrompt], _: Executor.Type, _ progress: (Int) -> Void
    ) throws(DalleError) -> [EncodedPrompt] {
        var ids: [(token: Int, position: Int)] = []
        var entries: [TransformerEntry] = []
        /// The rows of each prompt.
        var rows: [Range<Int>] = []
        for (number, prompt) in prompts.enumerated() {
            let count = Executor.computesPadding ? prompt.ids.count : prompt.visible
            rows.append(entries.count..<entries.count + count)
            for position in 0..<count {
                ids.append((prompt.ids[position], position))
                entries.append(TransformerEntry(sequence: number, position: position, visible: prompt.visible))
            }
        }
        let executor = try Executor(
            try Transformer(weights.tensors, stack, keepsLayers: false), weights.context,
            TransformerCapacity(
                sequences: prompts.count, length: rows.map(\.count).max() ?? 1, rows: entries.count,
                isIncremental: false))
        try executor.embed(ids, try weights.embedding(.encoder))
        var faulty = [Int?](repeating: nil, count: prompts.count)
        try executor.run(entries) { layer in
            // Once a prompt: it costs nothing.
            for index in prompts.indices where faulty[index] == nil && !executor.isFinite(rows[index]) {
                faulty[index] = layer
            }
            progress(layer + 1)
        }
        var encoded: [EncodedPrompt] = []
        for (index, prompt) in prompts.enumerated() {
            encoded.append(
                EncodedPrompt(
                    states: try executor.normalized(rows[index]), visible: prompt.visible, faultyLayer: faulty[index]))
        }
        return encoded
    }

    public func nonFinite(_ results: String, _ prompt: EncodedPrompt) -> DalleError {
        weights.nonFinite(results, of: .encoder) { prompt.faultyLayer }
    }
}
