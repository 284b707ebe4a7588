/// A typed value of a model file's metadata and configurations.
public indirect enum MetadataValue: Sendable, Equatable {
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([MetadataValue])
    case map(MetadataMap)
}

extension MetadataValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: MetadataValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, MetadataValue)...) {
        self = .map(MetadataMap(Dictionary(elements) { _, last in last }))
    }
}

/// Named values, with getters that say what was expected when a value is missing or of another type.
public struct MetadataMap: Sendable, Equatable {
    public private(set) var values: [String: MetadataValue]

    public init(_ values: [String: MetadataValue] = [:]) { self.values = values }

    /// Names in the order they are written: by their UTF-8 bytes, the same everywhere.
    public var names: [String] { values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    public subscript(name: String) -> MetadataValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    public func bool(_ name: String) throws(DalleError) -> Bool {
        guard case .bool(let value) = try value(name) else { throw mismatch(name, "true or false") }
        return value
    }

    /// An integer inside `range`.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(DalleError) -> Int {
        guard case .integer(let value) = try value(name) else { throw mismatch(name, "an integer") }
        guard range.contains(value) else {
            throw mismatch(name, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A finite number; an integer counts as one.
    public func number(_ name: String) throws(DalleError) -> Double {
        switch try value(name) {
        case .integer(let value): return Double(value)
        case .number(let value) where value.isFinite: return value
        default: throw mismatch(name, "a finite number")
        }
    }

    /// A list of so many finite numbers.
    public func numbers(_ name: String, count: Int) throws(DalleError) -> [Double] {
        guard case .list(let values) = try value(name), values.count == count else {
            throw mismatch(name, "a list of \(count) numbers")
        }
        var numbers: [Double] = []
        for value in values {
            switch value {
            case .integer(let integer): numbers.append(Double(integer))
            case .number(let number) where number.isFinite: numbers.append(number)
            default: throw mismatch(name, "a list of \(count) numbers")
            }
        }
        return numbers
    }

    public func text(_ name: String) throws(DalleError) -> String {
        guard case .text(let value) = try value(name) else { throw mismatch(name, "text") }
        return value
    }

    /// A text that is one of an enumeration's raw values.
    public func choice<Choice>(_ name: String) throws(DalleError) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let choice = Choice(rawValue: try text(name)) else {
            throw mismatch(name, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    public func integers(_ name: String, in range: ClosedRange<Int>) throws(DalleError) -> [Int] {
        guard case .list(let values) = try value(name) else { throw mismatch(name, "a list of integers") }
        var integers: [Int] = []
        for value in values {
            guard case .integer(let integer) = value, range.contains(integer) else {
                throw mismatch(name, "a list of integers from \(range.lowerBound) to \(range.upperBound)")
            }
            integers.append(integer)
        }
        return integers
    }

    /// Refuses names outside `known`: a setting that is not understood could change every result.
    public func requireOnly(_ known: Set<String>) throws(DalleError) {
        for name in names where !known.contains(name) {
            throw DalleError(
                .badData, "a setting this version does not know", remedy: "Use a newer version", item: name)
        }
    }

    private func value(_ name: String) throws(DalleError) -> MetadataValue {
        guard let value = values[name] else { throw DalleError(.badData, "the setting is missing", item: name) }
        return value
    }

    private func mismatch(_ name: String, _ expected: String) -> DalleError {
        DalleError(.badData, "is \(values[name].map { "\($0)" } ?? "missing"), expected \(expected)", item: name)
    }
}

extension MetadataValue: CustomStringConvertible {
    /// JSON-like, for people; `inspect --json` has its own encoder.
    public var description: String {
        switch self {
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + map.names.map { "\($0): \(map[$0]?.description ?? "")" }.joined(separator: ", ") + "}"
        }
    }
}
