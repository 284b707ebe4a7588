public import DalleFormat
import DalleModels
import Foundation

/// CLIP's tokenizer: lower case, words without the spaces between them, byte pairs inside words.
///
/// Original: `simple_tokenizer.py` of OpenAI's CLIP.
public struct CLIPTokenizer: Sendable {
    private let tables: TokenizerTables
    private let merger: BytePairMerger
    private let specials: [(text: [Unicode.Scalar], id: Int)]

    /// - Throws: `missingInput` when the file has no such tokenizer, `badData` when it is damaged.
    public init(_ file: ModelFile) throws(DalleError) {
        guard let tables = try TokenizerTables(file, kind: .clipBPE) else {
            throw DalleError(
                .missingInput, "holds no tokenizer for CLIP",
                remedy: "Convert again with the tokenizer's files beside the CLIP checkpoint", file: file.path)
        }
        self.init(tables)
    }

    /// - Parameter tables: validated ones.
    init(_ tables: TokenizerTables) {
        self.tables = tables
        merger = BytePairMerger(tables)
        specials = tables.specials.map { (Array($0.text.unicodeScalars), $0.id) }
    }

    /// Begin token, text and end token; a text that is too long is cut, its last token being the end token.
    public func encode(_ text: String, contextLength: Int) -> [Int] {
        precondition(contextLength >= 2, "begin and end token need room")
        var ids = [tables.beginToken]
        let scalars = Array(Self.cleaned(text).unicodeScalars)
        var position = 0
        while position < scalars.count, ids.count < contextLength {
            let rest = scalars[position...]
            if let special = specials.first(where: { rest.starts(with: $0.text) }) {
                ids.append(special.id)
                position += special.text.count
            } else {
                let end = Self.wordEnd(rest)
                if CharacterClass(scalars[position]) != .space {
                    ids += merger.tokens(scalars[position..<end].flatMap(\.utf8))
                }
                position = end
            }
        }
        return ids.prefix(contextLength - 1) + [tables.endToken]
    }

    /// Repaired, unescaped, with single spaces, in lower case.
    private static func cleaned(_ text: String) -> String {
        var text = TextRepair.repaired(text)
        for _ in 0..<2 { text = HTMLEntities.unescaped(text) }
        return lowercased(Array(text.unicodeScalars))
    }

    /// Lower case as Python has it: a capital sigma at the end of a word becomes the final one.
    private static func lowercased(_ text: [Unicode.Scalar]) -> String {
        func isCased(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
            scalars.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
        }
        return text.indices.lazy.map { i in
            guard text[i] == "Σ" else { return text[i].properties.lowercaseMapping }
            return isCased(text[..<i].reversed()) && !isCased(text[(i + 1)...]) ? "ς" : "σ"
        }.joined()
    }

    /// The end of the word that a text starts with: a contraction's ending, a run of letters, one number, or a run of
    /// other characters.
    private static func wordEnd(_ text: ArraySlice<Unicode.Scalar>) -> Int {
        let start = text.startIndex
        if text[start] == "'", let ending = WordSplit.contractions.first(where: { text.dropFirst().starts(with: $0) }) {
            return start + 1 + ending.count
        }
        let kind = CharacterClass(text[start])
        if kind == .number { return start + 1 }
        return text.firstIndex { CharacterClass($0) != kind } ?? text.endIndex
    }
}
