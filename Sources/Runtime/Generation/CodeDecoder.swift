public import DalleFormat
public import DalleModels

/// A model that predicts the codes of images one after the other.
public protocol CodeDecoder: Sendable {
    var configuration: BartConfiguration { get }

    /// Starts images that are decoded in step.
    ///
    /// - Parameter rows: for each row of the batch, the number of its prompt.
    /// - Throws: `noMemory`.
    func session(_ prompts: [EncodedPrompt], rows: [Int]) throws(DalleError) -> any DecodingSession

    /// Gives mapped weights back to the system until they are read again.
    func release()

    /// The error for logits that are no numbers, with the tensor or the layer that is to blame.
    ///
    /// - Parameters:
    ///   - results: What is no number, for the message.
    ///   - tokens: What was fed in the session's last step.
    func nonFinite(_ results: String, _ session: any DecodingSession, _ tokens: [Int]) -> DalleError
}

extension CodeDecoder {
    public func release() {}

    public func nonFinite(_ results: String, _: any DecodingSession, _: [Int]) -> DalleError {
        DalleError(.badData, "\(results) are no numbers", remedy: "Convert the checkpoint again")
    }
}

/// Images on their way: what a decoder keeps between one code and the next.
public protocol DecodingSession: AnyObject {
    /// Feeds the next token of each row, the start token first, and gives the logits of the code that follows.
    ///
    /// - Returns: `[rows, image vocabulary]`.
    /// - Throws: `usage` when a token is outside the vocabulary or the image is complete.
    func step(_ tokens: [Int]) throws(DalleError) -> Matrix

    /// Does the last step once more: the layer after which its states are no numbers; nil when they all are.
    ///
    /// - Parameter tokens: What was fed.
    func faultyLayer(_ tokens: [Int]) throws(DalleError) -> String?
}

extension DecodingSession {
    public func faultyLayer(_: [Int]) throws(DalleError) -> String? { nil }
}
