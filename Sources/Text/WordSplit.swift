/// GPT-2's division of text into words, inside which byte pairs are merged.
///
/// The pattern is
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`: a word takes one space before it
/// along, and of a longer run of white space the last character belongs to what follows.
struct WordSplit: Sequence, IteratorProtocol {
    static let contractions = ["s", "t", "re", "ve", "m", "ll", "d"].map { Array($0.unicodeScalars) }

    private let text: ArraySlice<Unicode.Scalar>
    private var position: Int

    init(_ text: ArraySlice<Unicode.Scalar>) {
        self.text = text
        position = text.startIndex
    }

    /// The next word, without gap to the one before.
    mutating func next() -> ArraySlice<Unicode.Scalar>? {
        guard position < text.endIndex else { return nil }
        let start = position
        position = contractionEnd(start) ?? wordEnd(start) ?? spaceEnd(start)
        return text[start..<position]
    }

    private func contractionEnd(_ start: Int) -> Int? {
        guard text[start] == "'" else { return nil }
        let rest = text[(start + 1)...]
        return Self.contractions.first { rest.starts(with: $0) }.map { start + 1 + $0.count }
    }

    private func wordEnd(_ start: Int) -> Int? {
        let first = text[start] == " " ? start + 1 : start
        guard first < text.endIndex else { return nil }
        let kind = CharacterClass(text[first])
        return kind == .space ? nil : runEnd(first, kind)
    }

    private func spaceEnd(_ start: Int) -> Int {
        let end = runEnd(start, .space)
        return end == text.endIndex || end == start + 1 ? end : end - 1
    }

    private func runEnd(_ start: Int, _ kind: CharacterClass) -> Int {
        var end = start + 1
        while end < text.endIndex, CharacterClass(text[end]) == kind { end += 1 }
        return end
    }
}
