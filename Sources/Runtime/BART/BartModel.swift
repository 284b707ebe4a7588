import DalleFormat
import DalleModels
import DalleText
import DalleThreads

/// DALL·E mini and Mega: an encoder sees the text, a decoder makes tokens of what it has seen.
///
/// The encoder's weights are read when prompts are prepared and not kept; the decoder's stay from the first session on.
final class BartModel: ImageTokenModel {
    let interface: TokenInterface
    private let weights: BartWeights
    private let encoder: BartEncoder
    private let tokenizer: Result<PromptTokenizer, DalleError>
    private let decoder = Monitor<(decoder: any BartDecoding, releasesLayers: Bool)?>(nil)

    /// - Throws: `badData` when settings and tensors do not fit, or the codes make no square.
    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try BartWeights(file, context)
        encoder = try BartEncoder(weights)
        let configuration = weights.configuration
        interface = configuration.interface
        guard interface.length == configuration.imageLength else {
            throw DalleError(
                .badData, "draws \(configuration.imageLength) codes, which make no square image", file: file.path)
        }
        tokenizer = Result { () throws(DalleError) in
            try PromptTokenizer(
                file, vocabulary: configuration.textVocabulary, length: configuration.textLength,
                normalizes: configuration.normalizesText)
        }
    }

    var hasTokenizer: Bool {
        // One that is damaged is there.
        if case .failure(let error) = tokenizer { error.code != .missingInput } else { true }
    }

    func tokenize(_ prompt: String?) throws(DalleError) -> TokenizedPrompt {
        let tokenizer = try tokenizer.get()
        return if let prompt { try tokenizer(prompt) } else { tokenizer.unconditional }
    }

    func unsureCharacters(_ prompt: String) -> [Unicode.Scalar] {
        (try? tokenizer.get())?.unsureCharacters(prompt) ?? []
    }

    func prepare(
        _ prompts: [TokenizedPrompt], progress: (Int, Int) -> Void
    ) throws(DalleError) -> [any PreparedPrompt] {
        try encoder.encode(prompts) { progress($0, weights.configuration.encoder.layers) }
    }

    func fault(in prompt: any PreparedPrompt) -> DalleError? {
        guard let prompt = prompt as? EncodedPrompt, !prompt.isFinite else { return nil }
        return encoder.nonFinite("the encoder's states of a prompt", prompt)
    }

    func load(releasingLayers: Bool, progress: (Int, Int) -> Void) throws(DalleError) {
        let layers = weights.configuration.decoder.layers
        // Who comes meanwhile waits: the weights are needed once.
        try decoder.withLock { loaded throws(DalleError) in
            guard loaded?.releasesLayers != releasingLayers else { return }
            // Not both in memory.
            loaded = nil
            progress(0, layers)
            loaded = (try weights.decoder(releasesLayers: releasingLayers) { progress($0, layers) }, releasingLayers)
        }
    }

    func session(rows: Int) throws(DalleError) -> any TokenSession {
        if let decoder = decoder.withLock({ $0?.decoder }) { return try decoder.session(rows: rows) }
        try load(releasingLayers: false) { _, _ in }
        return try session(rows: rows)
    }

    func release() { decoder.withLock { $0?.decoder.release() } }
}
