public import DalleFormat
public import DalleModels

/// A model that predicts the codes of images one after the other.
public protocol CodeDecoder: Sendable {
    var configuration: BartConfiguration { get }

    /// A session for so many images, none of which has begun.
    ///
    /// - Throws: `noMemory`.
    func session(rows: Int) throws(DalleError) -> any DecodingSession

    /// Gives mapped weights back to the system until they are read again.
    func release()

    /// The error for logits that are no numbers, with the tensor or the layer that is to blame.
    ///
    /// - Parameters:
    ///   - results: What is no number, for the message.
    ///   - session: In whose last step they came up.
    func nonFinite(_ results: String, _ session: any DecodingSession) -> DalleError
}

extension CodeDecoder {
    /// Starts images that are decoded in step.
    ///
    /// - Parameter rows: for each row, the number of its prompt.
    public func session(_ prompts: [EncodedPrompt], rows: [Int]) throws(DalleError) -> any DecodingSession {
        precondition(rows.allSatisfy(prompts.indices.contains))
        let session = try session(rows: rows.count)
        try session.start(rows.enumerated().map { (row: $0, prompt: prompts[$1]) })
        return session
    }
}

/// Images on their way: what a decoder keeps between one code and the next. Each row begins, goes on and ends on its own, and
/// its logits do not depend on its company.
public protocol DecodingSession: AnyObject {
    /// Begins rows at the first position, again if they were used before.
    ///
    /// - Throws: `usage` when there is no such row, or one is there twice.
    func start(_ rows: [(row: Int, prompt: EncodedPrompt)]) throws(DalleError)

    /// Feeds the next tokens of some rows, the start token first: one as a rule, or several that are known beforehand.
    ///
    /// - Parameter rows: Each once.
    /// - Returns: The logits of the code that follows each row's last token, `[rows, image vocabulary]`, in the order of `rows`.
    /// - Throws: `usage` when a row has not been started or is full, or a token is outside the vocabulary.
    func step(_ rows: [(row: Int, tokens: [Int])]) throws(DalleError) -> Matrix

    /// Does the last step once more: the layer after which its states are no numbers; nil when they all are.
    func faultyLayer() throws(DalleError) -> Int?
}

extension DecodingSession {
    /// Feeds the next token of every row.
    public func step(_ tokens: [Int]) throws(DalleError) -> Matrix {
        try step(tokens.enumerated().map { (row: $0, tokens: [$1]) })
    }
}
