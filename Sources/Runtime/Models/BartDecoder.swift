public import DalleFormat

/// The image decoder of DALL·E mini / Mega: from an encoded prompt to the codes of an image, one after the other.
public struct BartDecoder: Sendable {
    public let configuration: BartConfiguration
    private let context: ComputeContext
    private let embedding: BartEmbedding
    private let layers: [TransformerLayer<Dense>]
    private let finalNorm: Norm?
    private let logits: Dense

    /// Loads all weights as floats.
    ///
    /// - Parameter progress: called with the number of layers loaded.
    public init(
        _ file: ModelFile, _ context: ComputeContext, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) {
        let weights = try BartWeights(file, context)
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
        logits = Dense(weight: try weights.tensor(.logits), bias: nil)
    }

    /// The cross-attention keys and values of some prompts: computed once, for their real tokens only.
    public struct Conditioning: Sendable {
        fileprivate struct Prompt: Sendable {
            /// For each layer, a row for each visible token.
            var keys: [Matrix] = []
            var values: [Matrix] = []
            let visible: Int
        }

        fileprivate var prompts: [Prompt]
    }

    public func condition(on prompts: [EncodedPrompt]) -> Conditioning {
        Conditioning(
            prompts: prompts.map { encoded in
                let states = encoded.states.selecting(0..<encoded.visible)
                var prompt = Conditioning.Prompt(visible: encoded.visible)
                for cross in layers.compactMap(\.crossAttention) {
                    prompt.keys.append(cross.keys(states, context))
                    prompt.values.append(cross.value(states, context))
                }
                return prompt
            })
    }

    /// Rows that are decoded in step, and how far they are.
    public struct State: Sendable {
        fileprivate let conditioning: Conditioning
        /// The prompt of each row.
        fileprivate let promptOfRow: [Int]
        fileprivate var cache: KVCache
        public fileprivate(set) var position = 0
    }

    /// - Parameter rows: for each row of the batch, the number of its prompt.
    public func start(_ conditioning: Conditioning, rows: [Int]) -> State {
        precondition(rows.allSatisfy(conditioning.prompts.indices.contains))
        return State(
            conditioning: conditioning, promptOfRow: rows,
            cache: KVCache(
                layers: layers.count, rows: rows.count, length: configuration.imageLength, width: configuration.width))
    }

    /// Feeds the next token of each row, the start token first, and gives the logits of the code that follows.
    ///
    /// - Returns: `[rows, image vocabulary]`.
    /// - Throws: `usage` when a token is outside the vocabulary or the image is complete.
    public func step(_ tokens: [Int], _ state: inout State) throws(DalleError) -> Matrix {
        precondition(tokens.count == state.promptOfRow.count)
        let position = state.position
        guard position < configuration.imageLength else {
            throw DalleError(.usage, "an image has \(configuration.imageLength) codes, and all are decoded")
        }
        var x = try embedding(tokens.map { ($0, position) })
        for (number, layer) in layers.enumerated() {
            attendToCodes(&x, layer.selfAttention, number, &state)
            if let cross = layer.crossAttention { attendToText(&x, cross, number, state) }
            layer.feedForward(&x, context)
        }
        state.position += 1
        return logits(finalNorm?(x) ?? x, context)
    }

    private func attendToCodes(_ x: inout Matrix, _ sublayer: AttentionSublayer<Dense>, _ layer: Int, _ state: inout State) {
        let position = state.position
        sublayer.norms(&x) { x in
            let queries = sublayer.queries(x, context)
            state.cache.keys[layer].append(sublayer.keys(x, context), at: position)
            state.cache.values[layer].append(sublayer.value(x, context), at: position)
            let (keys, values) = (state.cache.keys[layer], state.cache.values[layer])
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for row in 0..<x.rows {
                let attended = sublayer.attention(
                    queries.selecting([row]), firstPosition: position, keys: keys.row(row), values: values.row(row),
                    visible: position + 1, context)
                heads.setRow(row, attended.values)
            }
            return sublayer.project(heads, context)
        }
    }

    private func attendToText(_ x: inout Matrix, _ sublayer: AttentionSublayer<Dense>, _ layer: Int, _ state: State) {
        sublayer.norms(&x) { x in
            let queries = sublayer.queries(x, context)
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for row in 0..<x.rows {
                let prompt = state.conditioning.prompts[state.promptOfRow[row]]
                let (keys, values) = (prompt.keys[layer], prompt.values[layer])
                let attended = sublayer.attention(
                    queries.selecting([row]), firstPosition: state.position, keys: keys.values.span,
                    values: values.values.span, visible: prompt.visible, context)
                heads.setRow(row, attended.values)
            }
            return sublayer.project(heads, context)
        }
    }
}
