/// What dalle-mini leaves to four libraries before its own rules apply: any text becomes ASCII.
enum TextCleaning {
    static func ascii(_ text: String) -> String {
        var text = TextRepair.repaired(text)
        // Web pages are often escaped twice.
        for _ in 0..<2 { text = HTMLEntities.unescaped(text) }
        return Transliteration.ascii(Emoji.described(text))
    }
}
