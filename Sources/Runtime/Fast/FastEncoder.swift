import DalleFormat
import DalleKernels
import DalleModels
import DalleText

/// The text encoder on the fast route: only the tokens that someone attends to are computed.
///
/// Its layers' weights are given back one after the other.
struct FastEncoder: PromptEncoder {
    let configuration: BartConfiguration
    private let weights: BartWeights

    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try BartWeights(file, context)
        configuration = weights.configuration
    }

    func encode(
        _ prompts: [TokenizedPrompt], progress: (Int) -> Void
    ) throws(DalleError) -> [EncodedPrompt] {
        try configuration.check(prompts)
        guard !prompts.isEmpty else { return [] }
        let context = weights.context
        let places = prompts.enumerated().flatMap { number, prompt in
            (0..<prompt.visible).map { (sequence: number, position: $0) }
        }
        let space = try FastWorkspace(configuration, .encoder, rows: places.count, isFine: true)
        try weights.embedding(.encoder).embed(
            places.map { (prompts[$0.sequence].ids[$0.position], $0.position) }, into: space.states, context.kernels)
        let targets = places.map {
            AttentionSublayer<FastDense>.Target(
                sequence: $0.sequence, positions: prompts[$0.sequence].visible, position: $0.position)
        }
        let length = prompts.map(\.visible).max() ?? 1
        var faulty = [Int?](repeating: nil, count: prompts.count)
        for number in 0..<configuration.encoder.layers {
            let layer: TransformerLayer<FastDense> = try weights.layer(.encoder, number)
            let cache = try layer.selfAttention.cache(sequences: prompts.count, length: length, isFine: true)
            layer.selfAttention.run(space, cache, targets, context)
            layer.feedForward.run(space, context)
            // Once a prompt: it costs nothing.
            for (index, rows) in Self.rows(of: prompts).enumerated() where faulty[index] == nil {
                if !space.states.isFinite(rows) { faulty[index] = number }
            }
            progress(number + 1)
        }
        if let finalNorm = try weights.finalNorm(.encoder) {
            context.forEachRow(places.count) {
                finalNorm.apply(space.states, into: space.states, row: $0, context.kernels)
            }
        }
        return zip(Self.rows(of: prompts), faulty).map { rows, faultyLayer in
            var states = Matrix(rows: rows.count, columns: configuration.width)
            for (position, row) in rows.enumerated() { states.setRow(position, space.states.row(row)) }
            return EncodedPrompt(states: states, visible: rows.count, faultyLayer: faultyLayer)
        }
    }

    /// The rows of each prompt's visible tokens, one prompt after the other.
    private static func rows(of prompts: [TokenizedPrompt]) -> [Range<Int>] {
        var end = 0
        return prompts.map { prompt in
            defer { end += prompt.visible }
            return end..<end + prompt.visible
        }
    }

    func nonFinite(_ results: String, _ prompt: EncodedPrompt) -> DalleError { weights.nonFinite(results, prompt) }
}

extension BartEmbedding {
    /// The states of tokens at given positions, a row for each.
    func embed(
        _ ids: [(token: Int, position: Int)], into states: ActivationRows, _ kernels: Kernels
    ) throws(DalleError) {
        for (index, id) in ids.enumerated() {
            let row = states.row(index)
            var target = row.mutableSpan
            try tokens.read(id.token, into: &target)
            if scale != 1 { for i in row.indices { row[i] *= scale } }
            if let positions { kernels.add(states, row: index, at: 0, positions.row(id.position)) }
            norm.apply(states, into: states, row: index, kernels)
        }
    }
}
