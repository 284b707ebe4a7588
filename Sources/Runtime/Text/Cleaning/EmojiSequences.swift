/// Names of emoji that are made of several, joined by U+200D: people with an occupation, couples, families.
enum EmojiSequences {
    /// - Parameter bases: the joined emoji, without skin tones.
    static func name(_ bases: [Unicode.Scalar]) -> String? {
        var bases = bases
        if bases.last == "➡" {
            bases.removeLast()
            let name = bases.count == 1 ? Emoji.name(bases[0]) : self.name(bases)
            return name.map { $0 + "_facing_right" }
        }
        return combinations[String(scalars: bases)] ?? people(bases) ?? gendered(bases)
    }

    private static let people: [Unicode.Scalar: String] = ["👨": "man", "👩": "woman", "🧑": "person"]
    private static let adults: [Unicode.Scalar: String] = ["👨": "man", "👩": "woman", "🧑": "adult"]
    private static let children: [Unicode.Scalar: String] = ["👦": "boy", "👧": "girl", "🧒": "child"]

    private static let occupations: [Unicode.Scalar: String] = [
        "⚕": "health_worker", "⚖": "judge", "✈": "pilot", "🌾": "farmer", "🍳": "cook", "🎓": "student", "🎤": "singer",
        "🎨": "artist", "🏫": "teacher", "🏭": "factory_worker", "💻": "technologist", "💼": "office_worker",
        "🔧": "mechanic", "🔬": "scientist", "🚀": "astronaut", "🚒": "firefighter",
    ]
    private static let traits: [Unicode.Scalar: String] = [
        "🍼": "feeding_baby", "🦯": "with_white_cane", "🦼": "in_motorized_wheelchair", "🦽": "in_manual_wheelchair",
        "🦰": "red_hair", "🦱": "curly_hair", "🦲": "bald", "🦳": "white_hair",
    ]
    private static let combinations = [
        "🏳🌈": "rainbow_flag", "🏳⚧": "transgender_flag", "🏴☠": "pirate_flag", "🐈⬛": "black_cat", "🐦⬛": "black_bird",
        "🐕🦺": "service_dog", "🐻❄": "polar_bear", "🐦🔥": "phoenix", "🍋🟩": "lime", "🍄🟫": "brown_mushroom",
        "⛓💥": "broken_chain", "❤🔥": "heart_on_fire", "❤🩹": "mending_heart", "👁🗨": "eye_in_speech_bubble",
        "😮💨": "face_exhaling", "😵💫": "face_with_spiral_eyes", "😶🌫": "face_in_clouds",
        "🙂↔": "head_shaking_horizontally", "🙂↕": "head_shaking_vertically", "🧑🎄": "mx_claus", "🫱🫲": "handshake",
        "👨🤝👨": "men_holding_hands", "👩🤝👩": "women_holding_hands", "👩🤝👨": "woman_and_man_holding_hands",
        "🧑🤝🧑": "people_holding_hands",
    ]

    private static func people(_ bases: [Unicode.Scalar]) -> String? {
        guard let first = people[bases[0]] else { return nil }
        if bases.count == 2, let occupation = occupations[bases[1]] {
            return bases[0] == "🧑" ? occupation : first + "_" + occupation
        }
        if bases.count == 2, let trait = traits[bases[1]] { return first + "_" + trait }
        if let last = bases.last, let partner = people[last], bases.count > 2 {
            if bases[1...].dropLast() == ["❤"] { return "couple_with_heart_\(first)_\(partner)" }
            if bases[1...].dropLast() == ["❤", "💋"] { return "kiss_\(first)_\(partner)" }
        }
        let members = bases.compactMap { adults[$0] ?? children[$0] }
        guard members.count == bases.count, let last = bases.last, children[last] != nil else { return nil }
        return "family_" + members.joined(separator: "_")
    }

    private static func gendered(_ bases: [Unicode.Scalar]) -> String? {
        guard bases.count == 2, bases[1] == "♀" || bases[1] == "♂",
            bases[0].properties.isEmojiModifierBase || "👯🤼🧞🧟".unicodeScalars.contains(bases[0])
        else { return nil }
        let isWoman = bases[1] == "♀"
        let name = Emoji.name(bases[0])
        if name == "merperson" { return isWoman ? "mermaid" : "merman" }
        let (one, several) = isWoman ? ("woman", "women") : ("man", "men")
        if name.contains("person") { return name.replacing("person", with: one) }
        if name.contains("people") { return name.replacing("people", with: several) }
        return one + "_" + name
    }
}
