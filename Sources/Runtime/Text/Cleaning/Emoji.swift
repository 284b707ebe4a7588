/// Writes emoji out as `:cat_face:`, as the emoji library's `demojize` does.
enum Emoji {
    /// The text with the names of its emoji between colons, and without selectors of their form.
    ///
    /// The longest sequence that begins an emoji is read, and only if it is one itself, it is described. Where joined
    /// emoji have no name together, the joiner is left alone and they are described one by one.
    static func described(_ text: String) -> String {
        guard !text.isASCII else { return text }
        let scalars = Array(text.unicodeScalars)
        var pieces: [Piece] = []
        var freeJoiners: Set<Int> = []
        var position = 0
        while position < scalars.count {
            let scalar = scalars[position]
            if freeJoiners.contains(position) {
                pieces.append(Piece(1, joiner: true))
            } else if names.begins(with: scalar) {
                let (end, name) = names.longest(scalars, position, stopBefore: freeJoiners)
                if let name {
                    pieces.append(Piece(end - position, name: name))
                    position = end
                    continue
                }
                pieces.append(Piece(1, text: scalar))
            } else if scalar == joiner, let last = pieces.last, names.begins(with: scalars[position - 1]),
                last.name != nil || last.text.map(names.isEmoji) == true
            {
                // Not part of a longer emoji: read what stands before it again, without it.
                freeJoiners.insert(position)
                position -= last.length
                pieces.removeLast()
                if last.isTone, let before = pieces.popLast() {
                    // The tone of the emoji before it, or a tone of its own after a joiner.
                    if before.isJoiner { pieces.append(before) } else { position -= before.length }
                }
                continue
            } else if !isFormSelector(scalar) {
                pieces.append(Piece(1, text: scalar))
            }
            position += 1
        }
        var result = String.UnicodeScalarView()
        for piece in pieces {
            if let name = piece.name {
                result.append(contentsOf: ":\(name):".unicodeScalars)
            } else {
                result.append(piece.text ?? joiner)
            }
        }
        return String(result)
    }

    private static let joiner: Unicode.Scalar = "\u{200D}"
    private static let names = EmojiTree()

    /// What has been read: an emoji, or one other character.
    private struct Piece {
        let length: Int
        let name: String?
        let text: Unicode.Scalar?

        init(_ length: Int, name: String) { (self.length, self.name, text) = (length, name, nil) }
        init(_ length: Int, text: Unicode.Scalar) { (self.length, name, self.text) = (length, nil, text) }
        init(_ length: Int, joiner: Bool) { (self.length, name, text) = (length, nil, nil) }

        var isJoiner: Bool { name == nil && text == nil }
        var isTone: Bool { length == 1 && name?.hasSuffix("skin_tone") == true }
    }

    private static func isFormSelector(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\u{FE0E}" || scalar == "\u{FE0F}"
    }
}
