public import DalleFormat
public import DalleModels

/// A byte-level BPE tokenizer as GPT-2 and BART have it.
///
///     let tokenizer = try BPETokenizer(tables)
///     let prompt = tokenizer.encode(" a red fox", paddedTo: 64)
public struct BPETokenizer: Sendable {
    private let tables: TokenizerTables
    private let specials: Set<Int>
    private let split: SpecialTokenSplit
    private let merger: BytePairMerger

    /// - Throws: `badData` when the tables contradict themselves.
    public init(_ tables: TokenizerTables) throws(DalleError) {
        try tables.validate()
        self.tables = tables
        specials = Set(tables.specials.map(\.id)).union([tables.beginToken, tables.endToken, tables.padToken])
        split = SpecialTokenSplit(tables.specials)
        merger = BytePairMerger(tables)
    }

    /// Number of tokens there are.
    public var vocabularyCount: Int { tables.tokens.count }

    /// The ids of a text, with begin and end token.
    ///
    /// - Parameter maximumLength: keeps this many, the last always being the end token; at least 2.
    public func encode(_ text: String, maximumLength: Int = .max) -> [Int] {
        precondition(maximumLength >= 2, "begin and end token need room")
        var ids = [tables.beginToken]
        let limit = maximumLength - 1
        parts: for part in split.parts(Array(text.unicodeScalars)) {
            switch part {
            case .token(let id):
                ids.append(id)
            case .text(let text):
                for word in WordSplit(text) {
                    ids += merger.tokens(word.flatMap(\.utf8))
                    // What is cut off need not be encoded.
                    if ids.count >= limit { break parts }
                }
            }
        }
        return ids.prefix(limit) + [tables.endToken]
    }

    /// The ids of a text in a row of `length`: cut off or padded.
    public func encode(_ text: String, paddedTo length: Int) -> TokenizedPrompt {
        let all = encode(text, maximumLength: length + Self.mostUnseen)
        guard all.count > length else {
            let padding = [Int](repeating: tables.padToken, count: length - all.count)
            return TokenizedPrompt(ids: all + padding, visible: all.count)
        }
        let ids = all.prefix(length - 1)
        return TokenizedPrompt(
            ids: ids + [tables.endToken], visible: length, unseen: words(of: all[ids.endIndex...], after: ids))
    }

    /// Tokens beyond a model's that are looked at to say what is not seen.
    private static let mostUnseen = 1024

    /// The text of some tokens, from the beginning of a word on.
    private func words(of tokens: ArraySlice<Int>, after others: ArraySlice<Int>) -> String {
        let (before, text) = (decode(Array(others)), decode(Array(tokens)))
        let isCut = text.first.map { !$0.isWhitespace } ?? false
        let beginning = isCut ? before.reversed().prefix { !$0.isWhitespace }.reversed() : []
        return (String(beginning) + text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The text of ids, without special tokens; bytes that are not UTF-8 become U+FFFD.
    ///
    /// Ids outside the vocabulary are left out.
    public func decode(_ ids: [Int]) -> String {
        let known = ids.lazy.filter { tables.tokens.indices.contains($0) && !specials.contains($0) }
        return String(decoding: known.flatMap { tables.tokens[$0] }, as: UTF8.self)
    }
}
