import DalleFormat

/// A special token as the files beside a vocabulary give it: its text alone, or a record.
struct SpecialTokenEntry: Decodable {
    let content: String
    let id: Int?
    /// nil when only the text is given.
    let stripsLeft: Bool?
    let stripsRight: Bool
    let onlyWholeWords: Bool

    private enum CodingKeys: String, CodingKey {
        case content, id
        case stripsLeft = "lstrip", stripsRight = "rstrip", onlyWholeWords = "single_word"
    }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            (content, id, stripsLeft, stripsRight, onlyWholeWords) = (text, nil, nil, false, false)
            return
        }
        let record = try decoder.container(keyedBy: CodingKeys.self)
        content = try record.decode(String.self, forKey: .content)
        id = try record.decodeIfPresent(Int.self, forKey: .id)
        stripsLeft = try record.decodeIfPresent(Bool.self, forKey: .stripsLeft) ?? false
        stripsRight = try record.decodeIfPresent(Bool.self, forKey: .stripsRight) ?? false
        onlyWholeWords = try record.decodeIfPresent(Bool.self, forKey: .onlyWholeWords) ?? false
    }

    func requireSupported(_ place: TokenizerParts.Place) throws(DalleError) {
        guard !stripsRight, !onlyWholeWords else {
            throw place.error("'\(content)' has \(stripsRight ? "rstrip" : "single_word") true, expected false")
        }
    }
}
