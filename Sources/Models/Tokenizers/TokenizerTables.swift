public import DalleFormat

/// A byte-level BPE vocabulary: what a tokenizer needs, independent of the files it came from.
///
/// In a model file: `tokens` (uint8, all tokens' bytes one after the other), `token_ends` (uint32, where each ends),
/// `merges` (uint32, `[n, 3]`: left, right, result, most frequent first), and the special tokens in the configuration.
/// CLIP's marks the tokens that end a word: `word_ends` (uint8, 1 for those).
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
    /// Tokens that stand only at the end of a word; none when the tokenizer does not tell.
    public var wordEnds: Set<Int> = []
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

    /// Refuses tables that no text could be encoded with, or not in one way only.
    ///
    /// - Throws: `badData` for ids outside the vocabulary, a merge that occurs twice or whose result is not its two
    ///   parts, two tokens with the same bytes or texts, and single bytes without a token.
    public func validate() throws(DalleError) {
        let ids = tokens.indices
        for id in specials.map(\.id) + [beginToken, endToken, padToken] where !ids.contains(id) {
            throw DalleError(.badData, "the special token id \(id) is not among the \(ids.count) tokens")
        }
        try validateMerges()
        var texts = Set<[UInt8]>()
        for special in specials where special.text.isEmpty || !texts.insert(Array(special.text.utf8)).inserted {
            throw DalleError(.badData, "the special token '\(special.text)' is empty or listed twice")
        }
        let special = Set(specials.map(\.id))
        // Inside a word and at its end the same bytes are different tokens.
        for wordEnd in wordEnds.isEmpty ? [false] : [false, true] {
            var seen = Set<[UInt8]>()
            for id in ids where !special.contains(id) && wordEnds.contains(id) == wordEnd {
                guard seen.insert(tokens[id]).inserted else {
                    throw DalleError(.badData, "token \(id) has the same bytes as another one")
                }
            }
            let singles = (0...UInt8.max).count { seen.contains([$0]) }
            guard singles == 256 else {
                throw DalleError(.badData, "\(256 - singles) of the 256 single bytes have no token")
            }
        }
    }

    private func validateMerges() throws(DalleError) {
        var pairs = Set<[Int]>()
        for merge in merges {
            let (left, right, result) = (merge.left, merge.right, merge.result)
            let ids = tokens.indices
            guard ids.contains(left), ids.contains(right), ids.contains(result) else {
                throw DalleError(
                    .badData, "a merge of ids \(left) and \(right) into \(result), with \(ids.count) tokens")
            }
            guard tokens[left] + tokens[right] == tokens[result], !wordEnds.contains(left),
                wordEnds.contains(right) == wordEnds.contains(result)
            else {
                throw DalleError(.badData, "the merge of ids \(left) and \(right) does not make token \(result)")
            }
            guard pairs.insert([left, right]).inserted else {
                throw DalleError(.badData, "the merge of ids \(left) and \(right) is listed twice")
            }
        }
    }
}
