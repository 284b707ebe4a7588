import DalleFormat

/// A value of a pickle.
///
/// What holds other values is kept in its pickle's `objects` and named by its number there, so that no value owns
/// another one: nesting costs no stack to walk or to free, and an object that holds itself is harmless.
enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer of more than 64 bits: its little-endian two's complement.
    case wideInteger([UInt8])
    case number(Double)
    case text(String)
    case bytes([UInt8])
    case global(PickleGlobal)
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
        case persistent
        /// What a call would have made: the name called, the arguments, and the attributes if any were set.
        case instance
    }

    let kind: Kind
    var items: [PickleValue]
}

/// What a pickle holds. Nothing in it was ever executed.
struct Pickle: Sendable {
    let root: PickleValue
    let objects: [PickleObject]

    /// The elements of a list, tuple or set.
    func elements(of value: PickleValue) -> [PickleValue]? {
        guard let object = object(value), [.list, .tuple, .set].contains(object.kind) else { return nil }
        return object.items
    }

    /// The keys and values of a dictionary, in the file's order.
    func entries(of value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        guard let object = object(value), object.kind == .dictionary else { return nil }
        return stride(from: 0, to: object.items.count - 1, by: 2).map { (object.items[$0], object.items[$0 + 1]) }
    }

    /// The value under a text key of a dictionary; the last one if there are several, as in Python.
    func entry(_ name: String, of value: PickleValue) -> PickleValue? {
        entries(of: value)?.last { entry in
            if case .text(name) = entry.key { true } else { false }
        }?.value
    }

    /// The identifier of data outside the pickle.
    func persistentID(_ value: PickleValue) -> PickleValue? {
        guard let object = object(value), object.kind == .persistent else { return nil }
        return object.items[0]
    }

    /// What was called, and with what, to make an instance.
    func call(_ value: PickleValue) -> (callee: PickleGlobal, arguments: [PickleValue])? {
        guard let object = object(value), object.kind == .instance, case .global(let callee) = object.items[0],
            let arguments = elements(of: object.items[1])
        else { return nil }
        return (callee, arguments)
    }

    /// The attributes that were set on an instance.
    func attributes(of value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        guard let object = object(value), object.kind == .instance, object.items.count == 3 else { return nil }
        return entries(of: object.items[2])
    }

    /// The value's kind in words, for messages.
    func describe(_ value: PickleValue) -> String {
        switch value {
        case .none: return "None"
        case .bool: return "a truth value"
        case .integer, .wideInteger: return "an integer"
        case .number: return "a number"
        case .text: return "a text"
        case .bytes: return "bytes"
        case .global(let global): return "the name '\(global)'"
        case .object(let number):
            switch objects[number].kind {
            case .list: return "a list"
            case .tuple: return "a tuple"
            case .set: return "a set"
            case .dictionary: return "a dictionary"
            case .persistent: return "a storage"
            case .instance: return call(value).map { "an instance of '\($0.callee)'" } ?? "an instance"
            }
        }
    }

    private func object(_ value: PickleValue) -> PickleObject? {
        guard case .object(let number) = value else { return nil }
        return objects[number]
    }
}
