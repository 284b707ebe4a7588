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
        // Pieces from here on may be read again.
        var settled = 0
        var position = 0
        while position < scalars.count {
            let scalar = scalars[position]
            if freeJoiners.contains(position) {
                pieces.append(Piece(text: joiner))
            } else if names.begins(with: scalar) {
                let (end, name) = names.longest(scalars, position, stopBefore: freeJoiners)
                if let name {
                    pieces.append(Piece(end - position, name: name))
                    position = end
                    continue
                }
                pieces.append(Piece(text: scalar))
            } else if scalar == joiner, pieces.count > settled, let last = pieces.last,
                names.begins(with: scalars[position - 1]),
                last.name != nil || names.isEmoji(last.text)
            {
                // Not part of a longer emoji: read what stands before it again, without it.
                freeJoiners.insert(position)
                position -= last.length
                pieces.removeLast()
                // Of a tone what it belongs to is read again too; after a joiner it stands for itself.
                if last.isTone, pieces.count > settled, let before = pieces.last, before.text != joiner {
                    position -= before.length
                    pieces.removeLast()
                }
                continue
            } else {
                settled = pieces.count
                if !isFormSelector(scalar) { pieces.append(Piece(text: scalar)) }
            }
            position += 1
        }
        var result = String.UnicodeScalarView()
        for piece in pieces {
            if let name = piece.name {
                result.append(contentsOf: ":\(name):".unicodeScalars)
            } else {
                result.append(piece.text)
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
        /// Of an emoji nothing.
        let text: Unicode.Scalar

        init(_ length: Int, name: String) { (self.length, self.name, text) = (length, name, "\0") }
        init(text: Unicode.Scalar) { (length, name, self.text) = (1, nil, text) }

        var isTone: Bool { length == 1 && name?.hasSuffix("skin_tone") == true }
    }

    private static func isFormSelector(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\u{FE0E}" || scalar == "\u{FE0F}"
    }
}
