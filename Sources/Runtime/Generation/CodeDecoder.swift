public import DalleFormat

/// A model that predicts the codes of images one after the other.
public protocol CodeDecoder: Sendable {
    var configuration: BartConfiguration { get }

    /// Starts images that are decoded in step.
    ///
    /// - Parameter rows: for each row of the batch, the number of its prompt.
    func session(_ prompts: [EncodedPrompt], rows: [Int]) -> any DecodingSession

    /// Gives mapped weights back to the system until they are read again.
    func release()
}

extension CodeDecoder {
    public func release() {}
}

/// Images on their way: what a decoder keeps between one code and the next.
public protocol DecodingSession: AnyObject {
    /// Feeds the next token of each row, the start token first, and gives the logits of the code that follows.
    ///
    /// - Returns: `[rows, image vocabulary]`.
    /// - Throws: `usage` when a token is outside the vocabulary or the image is complete.
    func step(_ tokens: [Int]) throws(DalleError) -> Matrix
}
