/// All emoji with their names, by their scalars one after the other.
struct EmojiTree: Sendable {
    private struct Node {
        var name: String?
        var next: [Unicode.Scalar: Int] = [:]
    }

    private var nodes = [Node()]

    init() {
        // By scalars: a skin tone would form one character with the space before it.
        let words = EmojiNames.list.unicodeScalars.split { $0 == " " || $0 == "\n" }
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            let name = words[index + 1]
            let marks = name.prefix { "!+/".unicodeScalars.contains($0) }
            insert(Array(words[index]), marks, String(scalars: name.dropFirst(marks.count)))
        }
    }

    /// Whether some emoji starts with a scalar.
    func begins(with scalar: Unicode.Scalar) -> Bool { nodes[0].next[scalar] != nil }

    /// Whether a scalar is an emoji by itself.
    func isEmoji(_ scalar: Unicode.Scalar) -> Bool { nodes[0].next[scalar].flatMap { nodes[$0].name } != nil }

    /// The longest beginning of an emoji at a position: where it ends, and its name if it is a whole one.
    func longest(_ text: [Unicode.Scalar], _ start: Int, stopBefore stops: Set<Int>) -> (end: Int, name: String?) {
        var (node, end) = (0, start)
        while end < text.count, end == start || !stops.contains(end), let next = nodes[node].next[text[end]] {
            (node, end) = (next, end + 1)
        }
        return (end, nodes[node].name)
    }

    // MARK: Building

    private static let tones: [(scalar: Unicode.Scalar, name: String)] = [
        ("🏻", "light_skin_tone"), ("🏼", "medium-light_skin_tone"), ("🏽", "medium_skin_tone"),
        ("🏾", "medium-dark_skin_tone"), ("🏿", "dark_skin_tone"),
    ]
    private static let selector: Unicode.Scalar = "\u{FE0F}"

    private mutating func insert(_ emoji: [Unicode.Scalar], _ marks: Substring.UnicodeScalarView, _ name: String) {
        if !marks.contains("!") { add(emoji[...], name, to: 0) }
        guard let first = emoji.first, marks.contains("+") else { return }
        // A tone takes the place of the selector; the second one ends the emoji.
        let rest = Array(emoji.dropFirst(emoji.dropFirst().first == Self.selector ? 2 : 1))
        let isPair = marks.count(where: { $0 == "+" }) == 2
        for tone in Self.tones {
            if !isPair { add([first, tone.scalar] + rest[...], Self.toned(name, [tone.name]), to: 0) }
            for second in Self.tones where isPair && !(marks.contains("/") && second == tone) {
                let names = second == tone ? [tone.name] : [tone.name, second.name]
                add([first, tone.scalar] + rest + [second.scalar], Self.toned(name, names), to: 0)
            }
        }
    }

    /// The name with the skin tones of the people in it.
    private static func toned(_ name: String, _ tones: [String]) -> String {
        let tone = tones.map { "_" + $0 }.joined()
        // Hair comes last.
        for hair in ["_bald", "_beard", "_blond_hair", "_curly_hair", "_red_hair", "_white_hair"]
        where name.hasSuffix(hair) {
            return name.dropLast(hair.count) + tone + hair
        }
        return name + tone
    }

    /// Adds an emoji with and without each of its selectors.
    private mutating func add(_ emoji: ArraySlice<Unicode.Scalar>, _ name: String, to node: Int) {
        guard let scalar = emoji.first else {
            nodes[node].name = name
            return
        }
        if scalar == Self.selector { add(emoji.dropFirst(), name, to: node) }
        let next = nodes[node].next[scalar] ?? nodes.count
        if next == nodes.count {
            nodes.append(Node())
            nodes[node].next[scalar] = next
        }
        add(emoji.dropFirst(), name, to: next)
    }
}
