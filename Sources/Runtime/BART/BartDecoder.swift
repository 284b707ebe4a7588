import DalleFormat
import DalleModels

/// The image decoder of DALL·E mini / Mega, on either route: from an encoded prompt to the tokens of an image.
protocol BartDecoding: Sendable {
    /// - Throws: `noMemory`.
    func session(rows: Int) throws(DalleError) -> any TokenSession

    /// Gives mapped weights back to the system until they are read again.
    func release()
}

extension BartWeights {
    /// - Parameters:
    ///   - releasesLayers: Whether a layer's weights are given back to the system as soon as they have been used for a token.
    ///   - progress: called with the number of layers loaded.
    func decoder(releasesLayers: Bool, progress: (Int) -> Void) throws(DalleError) -> any BartDecoding {
        switch context.route {
        case .reference: try BartDecoder<PlainTransformer>(self, releasesLayers: releasesLayers, progress: progress)
        case .fast: try BartDecoder<FastTransformer>(self, releasesLayers: releasesLayers, progress: progress)
        }
    }
}

private struct BartDecoder<Executor: TransformerExecutor>: BartDecoding {
    let weights: BartWeights
    private let transformer: Transformer<Executor.Layer>
    private let embedding: TokenEmbedding
    private let logits: Executor.Layer

    init(_ weights: BartWeights, releasesLayers: Bool, progress: (Int) -> Void) throws(DalleError) {
        self.weights = weights
        embedding = try weights.embedding(.decoder)
        transformer = try Transformer(
            weights.tensors, weights.configuration.transformer(.decoder), releasesLayers: releasesLayers,
            progress: progress)
        logits = try Executor.Layer(weights.tensors, weight: "decoder.logits.weight", bias: nil)
    }

    func session(rows: Int) throws(DalleError) -> any TokenSession {
        BartSession(
            weights,
            try TransformerSession<Executor>(
                transformer, embedding, logits, logits: weights.configuration.imageVocabulary, rows: rows,
                weights.context))
    }

    func release() {
        transformer.release()
        logits.release()
    }
}

/// Images on their way, each of which begins with the start token.
private final class BartSession<Executor: TransformerExecutor>: TokenSession {
    private let weights: BartWeights
    private let session: TransformerSession<Executor>
    /// Rows that have yet to take the start token.
    private var fresh: Set<Int> = []

    init(_ weights: BartWeights, _ session: TransformerSession<Executor>) {
        self.weights = weights
        self.session = session
    }

    func start(_ rows: [(row: Int, prompt: any PreparedPrompt)]) throws(DalleError) {
        var starts: [(row: Int, memory: Matrix)] = []
        for (row, prompt) in rows {
            guard let prompt = prompt as? EncodedPrompt else {
                throw DalleError(.usage, "the prompt of row \(row) was prepared by another model")
            }
            starts.append((row, prompt.visibleStates))
        }
        try session.start(starts)
        fresh.formUnion(rows.map(\.row))
    }

    func step(_ rows: [(row: Int, tokens: [Int])]) throws(DalleError) -> Matrix {
        let start = weights.configuration.startToken
        let logits = try session.step(
            rows.map { ($0.row, fresh.contains($0.row) ? [start] + $0.tokens : $0.tokens) })
        if !fresh.isEmpty { fresh.subtract(rows.map(\.row)) }
        return logits
    }

    func nonFinite(_ results: String) -> DalleError {
        weights.nonFinite(results, of: .decoder) { () throws(DalleError) in try session.faultyLayer() }
    }
}

extension EncodedPrompt {
    /// The states without those of padding.
    fileprivate var visibleStates: Matrix { states.rows == visible ? states : states.selecting(0..<visible) }
}
