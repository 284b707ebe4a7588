import DalleFormat
public import DalleModels

/// What the encoder makes of a prompt.
public struct EncodedPrompt: PreparedPrompt {
    /// `[tokens, width]`: on the reference route with those of padding after the others.
    public let states: Matrix
    /// Tokens that are no padding.
    public let visible: Int
    /// The layer after which states are infinite or no numbers.
    let faultyLayer: Int?

    /// Whether all states are numbers.
    var isFinite: Bool { faultyLayer == nil && states.isFinite }
}

/// The text encoder of DALL·E mini / Mega.
///
/// It runs once for a prompt, so its layers are loaded one after the other and not kept.
struct BartEncoder: Sendable {
    private let weights: BartWeights
    private let stack: TransformerStack

    /// - Throws: `missingInput` when the reference route's products are not there and needed.
    init(_ weights: BartWeights) throws(DalleError) {
        self.weights = weights
        stack = weights.configuration.transformer(.encoder)
        if !isFast { try weights.context.prepareReference() }
    }

    /// Sinkhorn attention normalises over all queries, those of padding too, which only the reference route has.
    private var isFast: Bool { weights.context.route == .fast && !stack.normalizesOverQueries }

    /// Encodes prompts together, so that every layer is loaded once.
    ///
    /// - Parameter progress: called with the number of layers done.
    /// - Throws: `usage` when a prompt has not the model's text length or an id outside the vocabulary.
    func encode(_ prompts: [TokenizedPrompt], progress: (Int) -> Void) throws(DalleError) -> [EncodedPrompt] {
        let length = weights.configuration.textLength
        for prompt in prompts where prompt.ids.count != length || !(1...length).contains(prompt.visible) {
            throw DalleError(
                .usage, "a prompt of \(prompt.ids.count) ids, \(prompt.visible) of them visible, expected \(length)")
        }
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

    /// The error for a prompt's states that are no numbers, with the tensor or the layer that is to blame.
    func nonFinite(_ results: String, _ prompt: EncodedPrompt) -> DalleError {
        weights.nonFinite(results, of: .encoder) { prompt.faultyLayer }
    }
}
