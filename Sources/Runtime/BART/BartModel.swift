import DalleFormat
public import DalleModels
import DalleText
import DalleThreads

/// DALL·E mini and Mega: an encoder sees the text, a decoder makes tokens of what it has seen.
///
/// The encoder's weights are read when prompts are prepared and not kept; the decoder's stay from the first session on.
final class BartModel: ImageTokenModel {
    let configuration: BartConfiguration
    let interface: TokenInterface
    private let file: ModelFile
    private let options: ModelRegistry.LoadOptions
    private let tokenizer: Result<PromptTokenizer, DalleError>
    private let decoder = Monitor<(any CodeDecoder)?>(nil)

    /// - Throws: `badData` when settings and tensors do not fit, or the codes make no square.
    init(_ file: ModelFile, _ options: ModelRegistry.LoadOptions) throws(DalleError) {
        self.file = file
        self.options = options
        let configuration = try BartWeights(file, options.context).configuration
        self.configuration = configuration
        interface = configuration.interface
        guard interface.length == configuration.imageLength else {
            throw DalleError(
                .badData, "draws \(configuration.imageLength) codes, which make no square image", file: file.path)
        }
        tokenizer = Result { () throws(DalleError) in try PromptTokenizer(file, configuration) }
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
        try options.context.promptEncoder(file).encode(prompts) { progress($0, configuration.encoder.layers) }
    }

    func fault(in prompt: any PreparedPrompt) -> DalleError? {
        guard let prompt = prompt as? EncodedPrompt, !prompt.isFinite else { return nil }
        do throws(DalleError) {
            return try options.context.promptEncoder(file).nonFinite("the encoder's states of a prompt", prompt)
        } catch {
            return error
        }
    }

    func load(progress: (Int, Int) -> Void) throws(DalleError) { _ = try loaded(progress) }

    func session(rows: Int) throws(DalleError) -> any TokenSession {
        try BartTokenSession(loaded { _, _ in }, rows: rows)
    }

    func release() { decoder.withLock { $0?.release() } }

    private func loaded(_ progress: (Int, Int) -> Void) throws(DalleError) -> any CodeDecoder {
        // Who comes meanwhile waits: the weights are needed once.
        try decoder.withLock { decoder throws(DalleError) in
            if let decoder { return decoder }
            let layers = configuration.decoder.layers
            progress(0, layers)
            let loaded = try options.context.codeDecoder(file, releasesLayers: options.releasesLayers) {
                progress($0, layers)
            }
            decoder = loaded
            return loaded
        }
    }
}

extension EncodedPrompt: PreparedPrompt {}
