public import DalleFormat
public import DalleModels
import DalleText

/// What the encoder makes of a prompt.
public struct EncodedPrompt: Sendable {
    /// `[tokens, width]`: on the reference route with those of padding after the others.
    public let states: Matrix
    /// Tokens that are no padding.
    public let visible: Int
    /// The layer after which states are infinite or no numbers.
    let faultyLayer: Int?
}

/// A model that makes hidden states of prompts.
public protocol PromptEncoder: Sendable {
    var configuration: BartConfiguration { get }

    /// Encodes prompts together, so that every layer is loaded once.
    ///
    /// - Parameter progress: called with the number of layers done.
    /// - Throws: `usage` when a prompt has not the model's text length or an id outside the vocabulary.
    func encode(_ prompts: [TokenizedPrompt], progress: (Int) -> Void) throws(DalleError) -> [EncodedPrompt]

    /// The error for a prompt's states that are no numbers, with the tensor or the layer that is to blame.
    func nonFinite(_ results: String, _ prompt: EncodedPrompt) -> DalleError
}

extension PromptEncoder {
    public func encode(_ prompts: [TokenizedPrompt]) throws(DalleError) -> [EncodedPrompt] {
        try encode(prompts) { _ in }
    }
}

extension EncodedPrompt {
    /// Whether all states are numbers.
    var isFinite: Bool { faultyLayer == nil && states.isFinite }
}

extension BartConfiguration {
    func check(_ prompts: [TokenizedPrompt]) throws(DalleError) {
        for prompt in prompts where prompt.ids.count != textLength || !(1...textLength).contains(prompt.visible) {
            throw DalleError(
                .usage,
                "a prompt of \(prompt.ids.count) ids, \(prompt.visible) of them visible, expected \(textLength)")
        }
    }
}

extension ComputeContext {
    /// The text encoder of a model on this route.
    ///
    /// - Throws: `missingInput` when the file has no such model, `badData` when it is damaged.
    public func promptEncoder(_ file: ModelFile) throws(DalleError) -> any PromptEncoder {
        try BartEncoder(file, self)
    }

    /// The image decoder of a model on this route.
    ///
    /// - Parameters:
    ///   - releasesLayers: On the fast route, whether a layer's weights are given back to the system as soon as they have
    ///     been used for a code.
    ///   - progress: called with the number of layers loaded.
    /// - Throws: `missingInput` when the file has no such model, `badData` when it is damaged.
    public func codeDecoder(
        _ file: ModelFile, releasesLayers: Bool = false, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> any CodeDecoder {
        switch route {
        case .reference:
            try BartDecoder<PlainTransformer>(file, self, releasesLayers: releasesLayers, progress: progress)
        case .fast: try BartDecoder<FastTransformer>(file, self, releasesLayers: releasesLayers, progress: progress)
        }
    }
}
