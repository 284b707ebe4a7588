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
                let place = TokenizerParts.Place(file: path, key: SettingsFile.Key.additional.rawValue)
                additional = settings.additional.map { Entry(token: $0, place: place) }
            }
        }
        for entry in entries.values + additional { try entry.token.requireSupported(entry.place) }
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
        case additional = "additional_special_tokens"
    }

    var tokens: [SpecialTokens.Role: SpecialTokenEntry] = [:]
    let additional: [SpecialTokenEntry]
    private let tokenizerClass: String?
    private let addsPrefixSpace: Bool?

    init(from decoder: any Decoder) throws {
        let roles = try decoder.container(keyedBy: SpecialTokens.Role.self)
        for role in SpecialTokens.Role.allCases {
            tokens[role] = try roles.decodeIfPresent(SpecialTokenEntry.self, forKey: role)
        }
        let settings = try decoder.container(keyedBy: Key.self)
        additional = try settings.decodeIfPresent([SpecialTokenEntry].self, forKey: .additional) ?? []
        tokenizerClass = try settings.decodeIfPresent(String.self, forKey: .tokenizerClass)
        addsPrefixSpace = try settings.decodeIfPresent(Bool.self, forKey: .addsPrefixSpace)
    }

    func requireSupported(_ path: String) throws(DalleError) {
        guard addsPrefixSpace != true else {
            throw TokenizerParts.Place(file: path, key: Key.addsPrefixSpace.rawValue).error(
                "is true, expected false")
        }
        let kinds = ["BartTokenizer", "RobertaTokenizer"]
        if let tokenizerClass, !kinds.contains(where: { tokenizerClass.contains($0) }) {
            throw TokenizerParts.Place(file: path, key: Key.tokenizerClass.rawValue).error(
                "is \(tokenizerClass), expected one of the kind of \(kinds.joined(separator: " or "))")
        }
    }
}
