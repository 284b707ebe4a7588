import DalleFormat

/// A value of a pickle.
///
/// What holds other values is kept in its pickle's `objects` and named by its number there, so that no value owns
/// another one: nesting costs no stack to walk or to free, and an object that holds itself is harmless. What is long
/// stays where it lies, as a range of the bytes that the pickle was read from.
enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer of more than 64 bits: its little-endian two's complement.
    case wideInteger([UInt8])
    case number(Double)
    case text(String)
    /// A text in UTF-8 that is too long for a name; whether it is valid was not looked at.
    case longText(Range<Int>)
    case bytes(Range<Int>)
    indirect case global(PickleGlobal)
    /// Index in `Pickle.objects`.
    case object(Int)
}

/// A value that holds others.
struct PickleObject: Sendable {
    enum Kind: Sendable {
        case list, tuple, set
        /// Keys and values in turn.
        case dictionary
        /// What stands for data outside the pickle; holds the identifier.
        case external
        /// What a call would have made: what is called, and the arguments.
        case instance
    }

    let kind: Kind
    var items: [PickleValue]

    /// Whether nothing is known of it but how it was made.
    var isOpaque: Bool { kind == .instance || kind == .external }
}

/// What a pickle does with an opaque object once it is made.
struct PickleAdditions: Sendable {
    /// Appended to it, or added as to a set.
    var elements: [PickleValue] = []
    /// Set as in a dictionary: keys and values in turn.
    var entries: [PickleValue] = []
    /// Given to it as attributes.
    var states: [PickleValue] = []
}

/// What a pickle holds. Nothing in it was ever executed.
struct Pickle: Sendable {
    let root: PickleValue
    let objects: [PickleObject]
    /// By the number of the object.
    let additions: [Int: PickleAdditions]

    /// The elements of a list, tuple or set, or those added to an opaque object.
    func elements(of value: PickleValue) -> [PickleValue]? {
        guard case .object(let number) = value else { return nil }
        switch objects[number].kind {
        case .list, .tuple, .set: return objects[number].items
        case .instance, .external: return additions[number]?.elements
        case .dictionary: return nil
        }
    }

    typealias Entry = (key: PickleValue, value: PickleValue)

    /// The keys and values of a dictionary, or those set in an opaque object, in the file's order.
    func entries(of value: PickleValue) -> [Entry]? {
        guard case .object(let number) = value else { return nil }
        if objects[number].kind == .dictionary { return pairs(objects[number].items) }
        guard let entries = additions[number]?.entries, !entries.isEmpty else { return nil }
        return pairs(entries)
    }

    private func pairs(_ items: [PickleValue]) -> [Entry] {
        stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }
    }

    /// The value under a text key of a dictionary; the last one if there are several, as in Python.
    func entry(_ name: String, of value: PickleValue) -> PickleValue? {
        entries(of: value).flatMap { Self.value(name, $0) }
    }

    static func value(_ name: String, _ entries: [Entry]) -> PickleValue? {
        entries.last { if case .text(name) = $0.key { true } else { false } }?.value
    }

    /// The identifier of data outside the pickle.
    func persistentID(_ value: PickleValue) -> PickleValue? {
        guard let object = object(value), object.kind == .external else { return nil }
        return object.items.first
    }

    /// What was called by name, and with what, to make an instance.
    func call(_ value: PickleValue) -> (callee: PickleGlobal, arguments: [PickleValue])? {
        guard let object = object(value), object.kind == .instance, case .global(let callee) = object.items[0],
            case .object(let number) = object.items[1], objects[number].kind == .tuple
        else { return nil }
        return (callee, objects[number].items)
    }

    /// The attributes that were set on an instance: a dictionary, or a pair of one for `__dict__` and one for slots.
    func attributes(of value: PickleValue) -> [Entry]? {
        guard case .object(let number) = value, objects[number].kind == .instance,
            let states = additions[number]?.states
        else { return nil }
        return states.flatMap { state -> [Entry] in
            if let entries = entries(of: state) { return entries }
            guard let pair = elements(of: state), pair.count == 2 else { return [] }
            return pair.flatMap { entries(of: $0) ?? [] }
        }
    }

    /// The value's kind in words, for messages.
    func describe(_ value: PickleValue) -> String {
        switch value {
        case .none: return "None"
        case .bool: return "a truth value"
        case .integer, .wideInteger: return "an integer"
        case .number: return "a number"
        case .text, .longText: return "a text"
        case .bytes: return "bytes"
        case .global(let global): return "the name '\(global)'"
        case .object(let number):
            switch objects[number].kind {
            case .list: return "a list"
            case .tuple: return "a tuple"
            case .set: return "a set"
            case .dictionary: return "a dictionary"
            case .external: return "data outside the pickle"
            case .instance: return callee(of: number).map { "an instance of '\($0)'" } ?? "an instance"
            }
        }
    }

    /// The name whose call an instance goes back to: what is called may itself be the result of a call.
    func callee(of number: Int) -> PickleGlobal? {
        var number = number
        for _ in 0..<16 {
            guard objects[number].kind == .instance else { return nil }
            switch objects[number].items[0] {
            case .global(let global): return global
            case .object(let inner): number = inner
            default: return nil
            }
        }
        return nil
    }

    private func object(_ value: PickleValue) -> PickleObject? {
        guard case .object(let number) = value else { return nil }
        return objects[number]
    }
}
