/// A prompt as the tokenizer gives it: begin token, text, end token, and padding up to the model's text length.
public struct TokenizedPrompt: Sendable, Equatable {
    public let ids: [Int]
    /// Tokens before the padding; attention sees only these.
    public let visible: Int
    /// The words of the text that there is no room for, also one that is cut in two; nil when there is room for all.
    public let unseen: String?

    public init(ids: [Int], visible: Int, unseen: String? = nil) {
        self.ids = ids
        self.visible = visible
        self.unseen = unseen
    }

    /// 1 for each token, 0 for padding.
    public var attentionMask: [Int] { ids.indices.map { $0 < visible ? 1 : 0 } }
}
