/// A prompt as the tokenizer gives it: begin token, text, end token, and padding up to the model's text length.
public struct TokenizedPrompt: Sendable, Equatable {
    public let ids: [Int]
    /// Tokens before the padding; attention sees only these.
    public let visible: Int
    /// The text had more tokens than there is room for.
    public let isShortened: Bool

    public init(ids: [Int], visible: Int, isShortened: Bool = false) {
        self.ids = ids
        self.visible = visible
        self.isShortened = isShortened
    }

    /// 1 for each token, 0 for padding.
    public var attentionMask: [Int] { ids.indices.map { $0 < visible ? 1 : 0 } }
}
