import DalleFormat

/// The special tokens by their tasks, from the settings files beside a vocabulary.
struct SpecialTokens {
    /// A task, with its key in the files.
    enum Role: String, CaseIterable, CodingKey {
        case begin = "bos_token"
        case end = "eos_token"
        case unknown = "unk_token"
        case separator = "sep_token"
        case padding = "pad_token"
        case classifier = "cls_token"
        case mask = "mask_token"

        /// BART's token for it.
        var usualText: String {
            switch self {
            case .begin, .classifier: "<s>"
            case .end, .separator: "</s>"
            case .unknown: "<unk>"
            case .padding: "<pad>"
            case .mask: "<mask>"
            }
        }
    }

    private struct Entry {
        let token: SpecialTokenEntry
        let place: TokenizerParts.Place
    }

    private var entries: [Role: Entry] = [:]
    private var additional: [Entry] = []
    /// Tokens by their ids, with their settings.
    private var decoder: [Int: Entry] = [:]
    /// The program that the files were written for.
    private var tokenizerClass: (name: String, place: TokenizerParts.Place)?

    /// Reads `special_tokens_map.json` and, for what that does not say, `tokenizer_config.json`; either may be absent.
    ///
    /// - Throws: `badData` for settings that would change the ids in a way that is not supported.
    init(directory: String) throws(DalleError) {
        try self.init(
            files: ["special_tokens_map.json", "tokenizer_config.json"].map { "\(directory)/\($0)" }.filter {
                PathKind($0) == .file
            })
    }

    /// - Parameter files: what the first one says counts.
    init(files: [String]) throws(DalleError) {
        for path in files {
            let settings = try JSONFile.decode(SettingsFile.self, path)
            try settings.requireSupported(path)
            for (role, token) in settings.tokens where entries[role] == nil {
                entries[role] = Entry(token: token, place: TokenizerParts.Place(file: path, key: role.rawValue))
            }
            if additional.isEmpty {
                additional = settings.additional.map { key, token in
                    Entry(token: token, place: TokenizerParts.Place(file: path, key: key.rawValue))
                }
            }
            let place = TokenizerParts.Place(file: path, key: SettingsFile.Key.decoder.rawValue)
            for (id, token) in settings.decoder { decoder[id] = Entry(token: token, place: place) }
            if let name = settings.tokenizerClass {
                tokenizerClass = (name, .init(file: path, key: SettingsFile.Key.tokenizerClass.rawValue))
            }
        }
        for entry in entries.values + additional + decoder.values { try entry.token.requireSupported(entry.place) }
    }

    /// Refuses settings that a tokenizer.json contradicts: one of the two was changed.
    ///
    /// Which program wrote the files says nothing then: tokenizer.json holds every step.
    func requireAgreement(with parts: TokenizerParts) throws(DalleError) {
        for (role, token) in [(Role.classifier, parts.beginToken), (.separator, parts.endToken)] {
            guard let entry = entries[role], entry.token.content != token else { continue }
            throw entry.place.error("is '\(entry.token.content)', and tokenizer.json puts '\(token)' there")
        }
        let specials = Dictionary(parts.specials.map { ($0.text, $0) }) { first, _ in first }
        for entry in Role.allCases.compactMap({ entries[$0] }) + additional + decoder.values {
            let text = entry.token.content
            guard let special = specials[text] else {
                throw entry.place.error("'\(text)' is not among tokenizer.json's added_tokens")
            }
            guard entry.token.stripsLeft ?? special.stripsLeft == special.stripsLeft else {
                throw entry.place.error("'\(text)' has another lstrip here than in tokenizer.json")
            }
        }
        for (id, entry) in decoder where parts.vocabulary[entry.token.content] != id {
            throw entry.place.error("'\(entry.token.content)' has the id \(id) here and another one in tokenizer.json")
        }
    }

    /// Refuses the files of other programs, which put other tokens around a text, where nothing else tells.
    func requireBartKind() throws(DalleError) {
        let kinds = ["BartTokenizer", "RobertaTokenizer"]
        guard let tokenizerClass, !kinds.contains(where: { tokenizerClass.name.contains($0) }) else { return }
        throw tokenizerClass.place.error(
            "is \(tokenizerClass.name), expected one of the kind of \(kinds.joined(separator: " or "))")
    }

    func text(_ role: Role) -> String { entries[role]?.token.content ?? role.usualText }

    /// The tokens to look for in texts.
    ///
    /// - Throws: `badData` when the files name one that the vocabulary has not; BART's own may be lacking.
    func list(in vocabulary: [String: Int]) throws(DalleError) -> [TokenizerParts.Special] {
        var list: [TokenizerParts.Special] = []
        var listed = Set<String>()
        func add(_ text: String, stripsLeft: Bool, _ place: TokenizerParts.Place?) throws(DalleError) {
            if vocabulary[text] == nil {
                guard let place else { return }
                throw place.error("'\(text)' is not in the vocabulary")
            }
            if listed.insert(text).inserted {
                list.append(TokenizerParts.Special(text: text, stripsLeft: stripsLeft))
            }
        }
        for role in Role.allCases {
            // The mask takes the white space before it along unless a record says otherwise.
            let stripsLeft = entries[role]?.token.stripsLeft ?? (role == .mask)
            try add(text(role), stripsLeft: stripsLeft, entries[role]?.place)
        }
        for entry in additional {
            try add(entry.token.content, stripsLeft: entry.token.stripsLeft ?? false, entry.place)
        }
        return list
    }
}

/// What either settings file may say.
private struct SettingsFile: Decodable {
    enum Key: String, CodingKey {
        case tokenizerClass = "tokenizer_class"
        case addsPrefixSpace = "add_prefix_space"
        case addsBegin = "add_bos_token", addsEnd = "add_eos_token"
        case splitsSpecials = "split_special_tokens"
        case additional = "additional_special_tokens"
        /// transformers 5's name for them.
        case extra = "extra_special_tokens"
        case decoder = "added_tokens_decoder"
    }

    var tokens: [SpecialTokens.Role: SpecialTokenEntry] = [:]
    let additional: [(key: Key, token: SpecialTokenEntry)]
    let decoder: [Int: SpecialTokenEntry]
    let tokenizerClass: String?
    /// Settings that make other ids, with the values that do not.
    private var flags: [Key: Bool] = [:]
    private static let supported: [(key: Key, value: Bool)] = [
        (.addsPrefixSpace, false), (.addsBegin, true), (.addsEnd, true), (.splitsSpecials, false),
    ]

    init(from decoder: any Decoder) throws {
        let roles = try decoder.container(keyedBy: SpecialTokens.Role.self)
        for role in SpecialTokens.Role.allCases {
            tokens[role] = try roles.decodeIfPresent(SpecialTokenEntry.self, forKey: role)
        }
        let settings = try decoder.container(keyedBy: Key.self)
        func list(_ key: Key) throws -> [(Key, SpecialTokenEntry)] {
            // Named ones are an object.
            if let named = try? settings.decodeIfPresent([String: SpecialTokenEntry].self, forKey: key) {
                return named.sorted { $0.key < $1.key }.map { (key, $0.value) }
            }
            return (try settings.decodeIfPresent([SpecialTokenEntry].self, forKey: key) ?? []).map { (key, $0) }
        }
        additional = try list(.additional) + list(.extra)
        tokenizerClass = try settings.decodeIfPresent(String.self, forKey: .tokenizerClass)
        self.decoder = try settings.decodeIfPresent([Int: SpecialTokenEntry].self, forKey: .decoder) ?? [:]
        for (key, _) in Self.supported { flags[key] = try settings.decodeIfPresent(Bool.self, forKey: key) }
    }

    func requireSupported(_ path: String) throws(DalleError) {
        for (key, value) in Self.supported {
            guard let found = flags[key], found != value else { continue }
            throw TokenizerParts.Place(file: path, key: key.rawValue).error("is \(found), expected \(value)")
        }
        // transformers 5 takes one that is absent beside the other for false.
        for (key, other) in [(Key.addsBegin, Key.addsEnd), (.addsEnd, .addsBegin)]
        where flags[key] != nil && flags[other] == nil {
            throw TokenizerParts.Place(file: path, key: key.rawValue).error("is there without \(other.rawValue)")
        }
    }
}
