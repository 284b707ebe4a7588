/// A byte-level BPE vocabulary: what a tokenizer needs, independent of the files it came from.
///
/// In a model file: `tokens` (uint8, all tokens' bytes one after the other), `token_ends` (uint32, where each ends),
/// `merges` (uint32, `[n, 3]`: left, right, result, most frequent first), and the special tokens in the configuration.
public struct TokenizerTables: Sendable, Equatable {
    /// A token that is written out in the text, such as `<mask>`.
    public struct Special: Sendable, Equatable {
        public let id: Int
        public let text: String
        /// Takes the white space before it along.
        public let stripsLeft: Bool

        public init(id: Int, text: String, stripsLeft: Bool) {
            self.id = id
            self.text = text
            self.stripsLeft = stripsLeft
        }
    }

    public struct Merge: Sendable, Equatable {
        public let left: Int
        public let right: Int
        public let result: Int

        public init(left: Int, right: Int, result: Int) {
            self.left = left
            self.right = right
            self.result = result
        }
    }

    /// Bytes of each token, by id.
    public var tokens: [[UInt8]]
    /// In order of priority.
    public var merges: [Merge]
    public var specials: [Special]
    public var beginToken: Int
    public var endToken: Int
    public var padToken: Int

    public init(
        tokens: [[UInt8]], merges: [Merge], specials: [Special], beginToken: Int, endToken: Int, padToken: Int
    ) {
        self.tokens = tokens
        self.merges = merges
        self.specials = specials
        self.beginToken = beginToken
        self.endToken = endToken
        self.padToken = padToken
    }

    /// Refuses ids outside the vocabulary and a vocabulary without all single bytes.
    public func validate() throws(DalleError) {
        let ids = tokens.indices
        for merge in merges where !ids.contains(merge.left) || !ids.contains(merge.right) || !ids.contains(merge.result)
        {
            throw DalleError(
                .badData,
                "a merge of ids \(merge.left) and \(merge.right) into \(merge.result), with \(ids.count) tokens")
        }
        for id in specials.map(\.id) + [beginToken, endToken, padToken] where !ids.contains(id) {
            throw DalleError(.badData, "the special token id \(id) is not among the \(ids.count) tokens")
        }
        let single = Set(tokens.lazy.filter { $0.count == 1 }.map { $0[0] })
        guard single.count == 256 else {
            throw DalleError(.badData, "\(256 - single.count) of the 256 single bytes have no token")
        }
    }
}
