import DalleFormat
import DalleKernels
import DalleModels

/// The image decoder on the fast route: weights are read where they lie in the file, all rows of a batch in one pass.
struct FastDecoder: CodeDecoder {
    let configuration: BartConfiguration
    let context: ComputeContext
    let embedding: BartEmbedding
    let layers: [TransformerLayer<FastDense>]
    let finalNorm: Norm?
    let logits: FastDense
    let releasesLayers: Bool
    private let weights: BartWeights

    /// - Parameter progress: called with the number of layers whose weights have been checked.
    init(
        _ file: ModelFile, _ context: ComputeContext, releasesLayers: Bool, progress: (Int) -> Void
    ) throws(DalleError) {
        weights = try BartWeights(file, context)
        self.releasesLayers = releasesLayers
        self.context = context
        configuration = weights.configuration
        embedding = try weights.embedding(.decoder)
        var layers: [TransformerLayer<FastDense>] = []
        for number in 0..<configuration.decoder.layers {
            let layer: TransformerLayer<FastDense> = try weights.layer(.decoder, number)
            if releasesLayers { layer.release() }
            layers.append(layer)
            progress(number + 1)
        }
        self.layers = layers
        finalNorm = try weights.finalNorm(.decoder)
        logits = try weights.dense(.logits)
    }

    func session(_ prompts: [EncodedPrompt], rows: [Int]) throws(DalleError) -> any DecodingSession {
        try FastSession(self, prompts, rows: rows)
    }

    func release() {
        for layer in layers { layer.release() }
        logits.weight.release()
    }

    func nonFinite(_ results: String, _ session: any DecodingSession, _ tokens: [Int]) -> DalleError {
        weights.nonFinite(results, of: .decoder) { () throws(DalleError) in try session.faultyLayer(tokens) }
    }
}

/// Images that a fast decoder has begun: everything a step needs is allocated here.
final class FastSession: DecodingSession {
    private let decoder: FastDecoder
    private let rows: [Int]
    private let space: FastWorkspace
    private let logits: ActivationRows
    /// What a step gives; filled again if nobody keeps it.
    private var result: Matrix
    /// For each layer.
    private let codes: [AttentionCache]
    private let text: [AttentionCache]
    private var position = 0
    // Of each row in a step: its code and position, and what it attends to.
    private var ids: [(token: Int, position: Int)]
    private var ownCodes: [AttentionSublayer<FastDense>.Target]
    private var promptTokens: [AttentionSublayer<FastDense>.Target]

    init(_ decoder: FastDecoder, _ prompts: [EncodedPrompt], rows: [Int]) throws(DalleError) {
        precondition(rows.allSatisfy(prompts.indices.contains))
        self.decoder = decoder
        self.rows = rows
        let configuration = decoder.configuration
        space = try FastWorkspace(configuration, .decoder, rows: rows.count)
        logits = try ActivationRows(rows: rows.count, columns: configuration.imageVocabulary)
        result = Matrix(rows: rows.count, columns: configuration.imageVocabulary)
        codes = try decoder.layers.map { layer throws(DalleError) in
            try layer.selfAttention.cache(sequences: rows.count, length: configuration.imageLength)
        }
        text = try FastSession.textCaches(decoder, prompts)
        ids = rows.map { _ in (0, 0) }
        ownCodes = rows.indices.map { .init(sequence: $0, positions: 1, position: 0) }
        promptTokens = rows.map { .init(sequence: $0, positions: prompts[$0].visible, position: 0) }
    }

    /// Keys and values of the prompts' real tokens, for every layer: computed once.
    private static func textCaches(
        _ decoder: FastDecoder, _ prompts: [EncodedPrompt]
    ) throws(DalleError) -> [AttentionCache] {
        let context = decoder.context
        let places = prompts.enumerated().flatMap { prompt, encoded in
            (0..<encoded.visible).map { (sequence: prompt, position: $0) }
        }
        let space = try FastWorkspace(decoder.configuration, .decoder, rows: max(places.count, 1))
        for (row, place) in places.enumerated() {
            let states = prompts[place.sequence].states
            let target = space.input.row(row)
            let source = states.row(place.position)
            for (i, value) in source.enumerated() { target[i] = value }
        }
        context.forEachRow(space.rows) { context.kernels.quantize(space.input, row: $0) }
        return try decoder.layers.compactMap(\.crossAttention).map { cross throws(DalleError) in
            let cache = try cross.cache(sequences: prompts.count, length: prompts.map(\.visible).max() ?? 1)
            if !places.isEmpty { cross.fill(cache, space.input, places, space, context) }
            // Not read again for these prompts.
            cross.key.weight.release()
            cross.value.weight.release()
            return cache
        }
    }

    func step(_ tokens: [Int]) throws(DalleError) -> Matrix {
        precondition(tokens.count == rows.count)
        let (context, position) = (decoder.context, position)
        guard position < decoder.configuration.imageLength else {
            throw DalleError(
                .usage, "an image has \(decoder.configuration.imageLength) codes, and all are decoded")
        }
        try pass(tokens, at: position) { _ in }
        self.position += 1
        context.forEachRow(rows.count) { [space, decoder] row in
            decoder.finalNorm?.apply(space.states, into: space.states, row: row, context.kernels)
            if decoder.logits.weight.takesBytes { context.kernels.quantize(space.states, row: row) }
        }
        context.multiply(decoder.logits, space.states, count: rows.count, into: logits)
        result.values.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows.count {
                _ = values[(row * logits.columns)...].update(fromContentsOf: logits.row(row))
            }
        }
        return result
    }

    func faultyLayer(_ tokens: [Int]) throws(DalleError) -> String? {
        var faulty: Int?
        try pass(tokens, at: position - 1) { layer in
            if !space.states.isFinite(0..<rows.count) { faulty = faulty ?? layer }
        }
        return faulty.map { BartTensor.layerName(.decoder, $0) }
    }

    /// Takes tokens through all layers, into the states.
    ///
    /// - Parameter layerIsDone: called after each.
    private func pass(_ tokens: [Int], at position: Int, layerIsDone: (Int) -> Void) throws(DalleError) {
        let context = decoder.context
        for row in rows.indices {
            ids[row] = (tokens[row], position)
            ownCodes[row].position = position
            ownCodes[row].positions = position + 1
            promptTokens[row].position = position
        }
        try decoder.embedding.embed(ids, into: space.states, context.kernels)
        for (number, layer) in decoder.layers.enumerated() {
            layer.selfAttention.run(space, codes[number], ownCodes, context)
            layer.crossAttention?.attendOnly(space, text[number], promptTokens, context)
            layer.feedForward.run(space, context)
            if decoder.releasesLayers { layer.release() }
            layerIsDone(number)
        }
    }
}
