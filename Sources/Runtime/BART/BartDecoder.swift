import DalleFormat
import DalleModels

/// The image decoder of DALL·E mini / Mega: from an encoded prompt to the codes of an image, one after the other.
struct BartDecoder<Executor: TransformerExecutor>: CodeDecoder {
    let configuration: BartConfiguration
    private let weights: BartWeights
    private let transformer: Transformer<Executor.Layer>
    private let embedding: TokenEmbedding
    private let logits: Executor.Layer

    /// - Parameters:
    ///   - releasesLayers: Whether a layer's weights are given back to the system as soon as they have been used.
    ///   - progress: called with the number of layers loaded.
    init(
        _ file: ModelFile, _ context: ComputeContext, releasesLayers: Bool, progress: (Int) -> Void
    ) throws(DalleError) {
        weights = try BartWeights(file, context)
        configuration = weights.configuration
        embedding = try weights.embedding(.decoder)
        transformer = try Transformer(
            weights.tensors, configuration.transformer(.decoder), releasesLayers: releasesLayers, progress: progress)
        logits = try Executor.Layer(weights.tensors, weight: "decoder.logits.weight", bias: nil)
    }

    func session(rows: Int) throws(DalleError) -> any DecodingSession {
        try TransformerSession<Executor>(
            transformer, embedding, logits, logits: configuration.imageVocabulary, rows: rows, weights.context)
    }

    func release() {
        transformer.release()
        logits.release()
    }

    func nonFinite(_ results: String, _ session: any DecodingSession) -> DalleError {
        weights.nonFinite(results, of: .decoder) { () throws(DalleError) in try session.faultyLayer() }
    }
}

extension TransformerSession: DecodingSession {
    func start(_ rows: [(row: Int, prompt: EncodedPrompt)]) throws(DalleError) {
        try start(rows.map { (row: $0.row, memory: $0.prompt.visibleStates) })
    }
}

extension EncodedPrompt {
    /// The states without those of padding.
    fileprivate var visibleStates: Matrix { states.rows == visible ? states : states.selecting(0..<visible) }
}
