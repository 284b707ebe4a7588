import DalleFormat
import DalleModels

/// An object of settings in a JSON file, of which every key must be understood.
struct SettingsObject {
    let values: [String: JSONValue]
    let file: String
    /// Where it stands in the file: the keys that lead to it.
    private let place: String

    init(_ values: [String: JSONValue], file: String, place: String = "") {
        self.values = values
        self.file = file
        self.place = place
    }

    init(file: String) throws(DalleError) {
        self.init(try JSONFile.object(file), file: file)
    }

    func has(_ key: String) -> Bool { values[key] ?? .null != .null }

    /// The object under a key; nil when there is none or null.
    func object(_ key: String) throws(DalleError) -> SettingsObject? {
        switch values[key] {
        case nil, .null?: return nil
        case .object(let values)?: return SettingsObject(values, file: file, place: path(key))
        default: throw mismatch(key, "an object")
        }
    }

    func integer(_ key: String, _ absent: Int) throws(DalleError) -> Int {
        switch values[key] {
        case nil, .null?: return absent
        case .integer(let value)?: return value
        default: throw mismatch(key, "an integer")
        }
    }

    /// A size that may be written once or for height and width.
    func edge(_ key: String, _ absent: Int) throws(DalleError) -> Int {
        if let both = values[key]?.integers, both.count == 2, both[0] == both[1] { return both[0] }
        return try integer(key, absent)
    }

    func number(_ key: String, _ absent: Double) throws(DalleError) -> Double {
        switch values[key] {
        case nil, .null?: return absent
        case .integer(let value)?: return Double(value)
        case .number(let value)?: return value
        default: throw mismatch(key, "a number")
        }
    }

    /// A number for each of three colours.
    func colours(_ key: String, _ absent: [Double]) throws(DalleError) -> [Double] {
        guard has(key) else { return absent }
        guard case .list(let items)? = values[key], items.count == 3 else {
            throw mismatch(key, "a list of three numbers")
        }
        var numbers: [Double] = []
        for item in items {
            switch item {
            case .integer(let integer): numbers.append(Double(integer))
            case .number(let number): numbers.append(number)
            default: throw mismatch(key, "a list of three numbers")
            }
        }
        return numbers
    }

    func bool(_ key: String, _ absent: Bool) throws(DalleError) -> Bool {
        switch values[key] {
        case nil, .null?: return absent
        case .bool(let value)?: return value
        default: throw mismatch(key, "true or false")
        }
    }

    func text(_ key: String, _ absent: String) throws(DalleError) -> String {
        switch values[key] {
        case nil, .null?: return absent
        case .text(let value)?: return value
        default: throw mismatch(key, "a text")
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ absent: Choice
    ) throws(DalleError) -> Choice {
        guard let choice = Choice(rawValue: try text(key, absent.rawValue)) else {
            throw mismatch(key, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// One of the functions of transformers' `ACT2FN` by its name there.
    func activation(_ key: String, _ absent: String) throws(DalleError) -> Activation {
        let name = try text(key, absent)
        guard let activation = Self.activations[name] else {
            throw mismatch(key, "one of \(Self.activations.keys.sorted().joined(separator: ", "))")
        }
        return activation
    }

    private static let activations: [String: Activation] = [
        "gelu": .gelu, "gelu_python": .gelu, "gelu_new": .geluTanh, "gelu_fast": .geluTanh,
        "gelu_pytorch_tanh": .geluTanh, "relu": .relu, "silu": .silu, "swish": .silu, "quick_gelu": .quickGELU,
        "smelu": .smelu,
    ]

    /// Refuses keys whose effect is not known.
    func requireOnly(_ known: Set<String>, remedy: String) throws(DalleError) {
        guard let key = values.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw DalleError(
            .badData, "a setting that is not known, so its effect is not either: \(values[key] ?? .null)",
            remedy: remedy, file: file, item: path(key))
    }

    /// Refuses a value that is there and is none of those that are supported.
    func require(_ key: String, _ supported: JSONValue...) throws(DalleError) {
        guard has(key), let value = values[key], !supported.contains(value) else { return }
        let expected = supported.map { "\($0)" }.joined(separator: " or ")
        throw mismatch(key, (expected.isEmpty ? "null" : expected) + ": what else it may be is not supported")
    }

    func mismatch(_ key: String, _ expected: String) -> DalleError {
        DalleError(.badData, "is \(values[key] ?? .null), expected \(expected)", file: file, item: path(key))
    }

    func path(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
}
