import DalleFormat

/// Finds the tensors of a PyTorch pickle and gives them views of their storages.
struct TorchTensorReader {
    private(set) var tensors: [String: ForeignTensor] = [:]
    private(set) var names: [String] = []
    private(set) var unsupported: [String: String] = [:]

    private let container: any TorchContainer
    private let pickle: Pickle
    private var storages: [String: Storage] = [:]

    private struct Storage {
        let type: PickleStorageType
        let count: Int
        /// None for a type of elements that has no counterpart here.
        let bytes: ForeignStorage?
    }

    /// No state dictionary nests near this deep; one that holds itself does.
    private static let maximumDepth = 64
    /// Bounds the items looked at in a pickle whose values contain each other many times over.
    private static let maximumItems = 1 << 18
    private static let maximumNameByteCount = 512
    /// A view may repeat elements up to this size even if the file is smaller.
    private static let smallByteCount = 1 << 20

    init(_ container: any TorchContainer) {
        self.container = container
        pickle = container.pickle
    }

    /// Reads every tensor below `root`, in the file's order.
    mutating func read(_ root: PickleValue) throws(DalleError) {
        // A stack of our own: the depth is the file's choice.
        var waiting: [(name: String, value: PickleValue, depth: Int)] = [("", root, 0)]
        var itemCount = 0
        while let (name, value, depth) = waiting.popLast() {
            if let call = pickle.call(value), case .tensor = call.callee.role {
                do throws(DalleError) {
                    try add(name, call.arguments)
                } catch {
                    throw error.located(item: name)
                }
                continue
            }
            let items = items(of: value, &itemCount)
            guard depth < Self.maximumDepth || items.isEmpty, itemCount <= Self.maximumItems else {
                throw DalleError(
                    .badData, "values nest deeper than \(Self.maximumDepth), or are more than \(Self.maximumItems)",
                    item: name)
            }
            // Only what holds others can be a tensor or hold one.
            for case (let key?, .object(let number)) in items.reversed() {
                waiting.append((try join(name, key), .object(number), depth + 1))
            }
        }
    }

    /// Where a module that was saved whole keeps its tensors and the modules inside it; they add nothing to a name.
    private static let moduleDictionaries = ["_parameters", "_buffers", "_modules"]

    /// The values inside a dictionary, list or module, with what they add to a tensor's name.
    ///
    /// - Parameter looked: counts those that were looked at, which for a module are more than it has.
    private func items(of value: PickleValue, _ looked: inout Int) -> [(String?, PickleValue)] {
        let own = pickle.attributes(of: value)
        looked += own?.count ?? 0
        let nested = Self.moduleDictionaries.flatMap { name in
            // The last one of a name counts, as in Python.
            own?.last { if case .text(name) = $0.key { true } else { false } }.flatMap {
                pickle.entries(of: $0.value)
            }
                ?? []
        }
        guard let entries = nested.isEmpty ? own ?? pickle.entries(of: value) : nested else {
            let elements = pickle.elements(of: value) ?? []
            looked += elements.count
            return elements.enumerated().map { (String($0), $1) }
        }
        looked += entries.count
        return entries.map { entry in
            switch entry.key {
            case .text(let name): (name, entry.value)
            case .integer(let number): (String(number), entry.value)
            default: (nil, entry.value)
            }
        }
    }

    private func join(_ name: String, _ key: String) throws(DalleError) -> String {
        let joined = name.isEmpty ? key : name + "." + key
        guard joined.utf8.count <= Self.maximumNameByteCount, joined.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
        else {
            throw DalleError(.badData, "a name of \(joined.utf8.count) bytes or with control characters", item: name)
        }
        return joined
    }

    private mutating func add(_ name: String, _ arguments: [PickleValue]) throws(DalleError) {
        guard arguments.count >= 4, case .integer(let offset) = arguments[1] else {
            throw DalleError(.badData, "a tensor made of \(arguments.count) values")
        }
        let shape = try Shape(try integers(arguments[2]))
        let strides = try integers(arguments[3])
        let storage = try storage(arguments[0])
        guard tensors[name] == nil, unsupported[name] == nil else { throw DalleError(.badData, "is there twice") }
        guard let bytes = storage.bytes, let dtype = storage.type.dtype else {
            unsupported[name] = storage.type.name
            return
        }
        // Strides of 0 can make any size out of one element.
        guard shape.byteCount(dtype) <= max(container.file.count, Self.smallByteCount) else {
            throw DalleError(.badData, "shape \(shape) repeats the elements of a storage of \(bytes.count)")
        }
        tensors[name] = try ForeignTensor(
            name: name, dtype: dtype, shape: shape, storage: bytes, start: offset, strides: strides)
        names.append(name)
    }

    /// The storage of an identifier `("storage", type, key, location, count)`.
    private mutating func storage(_ value: PickleValue) throws(DalleError) -> Storage {
        guard let identifier = pickle.persistentID(value), let parts = pickle.elements(of: identifier),
            parts.count >= 5,
            case .text("storage") = parts[0], case .global(let global) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4], count >= 0
        else {
            throw DalleError(.badData, "a tensor without a storage")
        }
        guard case .storage(let type) = global.role else {
            throw DalleError(.badData, "a storage of the unknown type '\(global)'")
        }
        if let known = storages[key] {
            guard known.type == type, known.count == count else {
                throw DalleError(
                    .badData,
                    "the storage '\(key)' has \(count) elements of \(type.name) here and "
                        + "\(known.count) of \(known.type.name) elsewhere")
            }
            return known
        }
        var bytes: ForeignStorage?
        if let dtype = type.dtype { bytes = try container.storage(key, dtype, count: count) }
        let storage = Storage(type: type, count: count, bytes: bytes)
        storages[key] = storage
        return storage
    }

    private func integers(_ value: PickleValue) throws(DalleError) -> [Int] {
        var integers: [Int] = []
        for element in pickle.elements(of: value) ?? [] {
            guard case .integer(let integer) = element else {
                throw DalleError(.badData, "a shape or stride with \(pickle.describe(element)) in it")
            }
            integers.append(integer)
        }
        return integers
    }
}
