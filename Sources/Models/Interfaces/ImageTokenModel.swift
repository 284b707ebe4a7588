public import DalleFormat

/// What a model of image tokens takes and gives.
public struct TokenInterface: Sendable, Equatable {
    /// Tokens of an image, row by row.
    public var height: Int
    public var width: Int
    /// Logits for each position: the codes, then special ids.
    public var vocabulary: Int
    /// Ids of a text, below this, and how many a prompt has with its padding.
    public var textVocabulary: Int
    public var textLength: Int
    /// Never sampled for a picture unless someone asks for it: ids that say an image is over.
    public var endToken: Int?
    /// What follows the end token where images may end early.
    public var padToken: Int

    public init(
        height: Int, width: Int, vocabulary: Int, textVocabulary: Int, textLength: Int, endToken: Int? = nil,
        padToken: Int = 0
    ) {
        self.height = height
        self.width = width
        self.vocabulary = vocabulary
        self.textVocabulary = textVocabulary
        self.textLength = textLength
        self.endToken = endToken
        self.padToken = padToken
    }

    /// Tokens of an image.
    public var length: Int { height * width }
}

/// What a model makes of a prompt once, for all images of it: its own affair.
public protocol PreparedPrompt: Sendable {}

/// A prompt that nothing needs to be made of.
extension TokenizedPrompt: PreparedPrompt {}

/// Text to image tokens, one after the other.
public protocol ImageTokenModel: Sendable {
    var interface: TokenInterface { get }
    /// Whether the file has what makes tokens of a text.
    var hasTokenizer: Bool { get }

    /// The tokens of a prompt; nil is the prompt that says nothing, which guidance leads away from.
    ///
    /// - Throws: `missingInput` when the file has no tokenizer.
    func tokenize(_ prompt: String?) throws(DalleError) -> TokenizedPrompt

    /// The characters of a prompt that may be read otherwise than the model learned them, each once.
    func unsureCharacters(_ prompt: String) -> [Unicode.Scalar]

    /// Does what is done once for a prompt, for all of these together.
    ///
    /// - Parameter progress: called with the steps done, of how many.
    /// - Throws: `usage` when a prompt has not the model's length or an id outside the vocabulary.
    func prepare(
        _ prompts: [TokenizedPrompt], progress: (Int, Int) -> Void
    ) throws(DalleError) -> [any PreparedPrompt]

    /// Why a prepared prompt cannot be used: it holds what is no number. Nil when it can.
    func fault(in prompt: any PreparedPrompt) -> DalleError?

    /// Makes the weights that sessions need ready, if they are not.
    ///
    /// - Parameters:
    ///   - releasingLayers: Weights that a step has read are given back to the system at once, and so read again for every token.
    ///   - progress: called with the steps done, of how many; not at all when there is nothing to do.
    func load(releasingLayers: Bool, progress: (Int, Int) -> Void) throws(DalleError)

    /// A session for so many rows, all empty; loads what it needs.
    func session(rows: Int) throws(DalleError) -> any TokenSession

    /// Gives mapped weights back to the system until they are read again.
    func release()
}

extension ImageTokenModel {
    public func unsureCharacters(_: String) -> [Unicode.Scalar] { [] }

    public func prepare(
        _ prompts: [TokenizedPrompt], progress _: (Int, Int) -> Void
    ) throws(DalleError) -> [any PreparedPrompt] {
        prompts
    }

    public func fault(in _: any PreparedPrompt) -> DalleError? { nil }

    public func load(releasingLayers _: Bool, progress _: (Int, Int) -> Void) throws(DalleError) {}

    public func release() {}
}

/// Rows of images on their way: what a model keeps between one token and the next. A row's logits do not depend on its company.
public protocol TokenSession: AnyObject {
    /// Begins rows, again if they were used before.
    func start(_ rows: [(row: Int, prompt: any PreparedPrompt)]) throws(DalleError)

    /// Takes the next tokens of some rows and gives the logits of what follows them.
    ///
    /// - Parameter rows: Each once, with the tokens that it has more than in its last step: none at its first, one as a rule,
    ///   several that are known beforehand.
    /// - Returns: `[rows, vocabulary]`, in the order of `rows`.
    /// - Throws: `usage` when a token is outside the vocabulary or a row is full.
    func step(_ rows: [(row: Int, tokens: [Int])]) throws(DalleError) -> Matrix

    /// The error for logits of the last step that are no numbers, with the tensor or the layer that is to blame.
    ///
    /// - Parameter results: What is no number, for the message.
    func nonFinite(_ results: String) -> DalleError
}

extension TokenSession {
    public func nonFinite(_ results: String) -> DalleError {
        DalleError(.badData, "\(results) are no numbers", remedy: "Convert the checkpoint again")
    }
}
