import DalleFormat

extension MetadataValue {
    /// As JSON, on several lines when `indentation` is given: the spaces in front of this value.
    func json(indentation: Int? = nil) -> String {
        switch self {
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        // Configurations hold finite numbers only.
        case .number(let value): value.isFinite ? "\(value)" : "null"
        case .text(let value): Self.quoted(value)
        case .list(let values):
            Self.enclosed("[", values.map { $0.json(indentation: nil) }, "]", indentation: nil)
        case .map(let map):
            Self.enclosed(
                "{",
                map.names.map { name in
                    let value = map[name]?.json(indentation: indentation.map { $0 + 2 }) ?? "null"
                    return "\(Self.quoted(name)): \(value)"
                }, "}", indentation: map.values.isEmpty ? nil : indentation)
        }
    }

    private static func enclosed(_ open: String, _ items: [String], _ close: String, indentation: Int?) -> String {
        guard let indentation else { return open + items.joined(separator: ", ") + close }
        let inner = "\n" + String(repeating: " ", count: indentation + 2)
        return open + inner + items.joined(separator: "," + inner) + "\n" + String(repeating: " ", count: indentation)
            + close
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSONValue {
    /// As a value of a configuration; nil for null, which those do not have.
    var metadata: MetadataValue? {
        switch self {
        case .null: nil
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let value): .text(value)
        case .list(let values): .list(values.compactMap(\.metadata))
        case .object(let values): .map(MetadataMap(values.compactMapValues(\.metadata)))
        }
    }
}
