import DalleFormat

/// Finds the tensors of a PyTorch pickle and gives them views of their storages.
struct TorchTensorReader {
    private(set) var tensors: [String: CheckpointTensor] = [:]
    private(set) var names: [String] = []
    private(set) var unreadable: [String: UnreadableTensor] = [:]

    private let container: any TorchContainer
    private let pickle: Pickle
    private let holders: [Bool]
    private var storages: [String: Storage] = [:]

    private struct Storage {
        let type: PickleStorageType
        let count: Int
        /// None for a type of elements that has no counterpart here.
        let bytes: CheckpointStorage?
    }

    /// No state dictionary nests near this deep; what holds itself would without end.
    private static let maximumDepth = 64
    /// Bounds the items looked at in a pickle whose values contain each other many times over.
    private static let maximumItems = 1 << 18
    /// The same for what holds no tensor, of which nothing is needed but names for messages.
    private static let maximumOtherItems = 1 << 14
    private static let maximumNameByteCount = 512
    /// A view may repeat elements up to this size even if the file is smaller.
    private static let smallByteCount = 1 << 20

    init(_ container: any TorchContainer) {
        self.container = container
        pickle = container.pickle
        holders = container.pickle.tensorHolders()
    }

    /// Reads every tensor below `root`, in the file's order. What holds none is stepped over.
    ///
    /// - Parameter skipped: the entry of `root` that is passed over, with its tensors; those of the others that cannot
    ///   be read are passed over too.
    mutating func read(_ root: PickleValue, besides skipped: String? = nil) throws(DalleError) {
        // A stack of our own: the depth is the file's choice.
        var waiting: [(name: String, value: PickleValue, depth: Int)] = [("", root, 0)]
        var path: [Int] = []
        var (itemCount, otherItemCount) = (0, 0)
        while let (name, value, depth) = waiting.popLast() {
            guard case .object(let number) = value else { continue }
            do throws(DalleError) {
                if let call = try TorchTensorCall(value, in: pickle) {
                    try add(name, call)
                    continue
                }
            } catch {
                guard skipped != nil else { throw error.located(item: name) }
                continue
            }
            path.removeLast(path.count - depth)
            // An object inside itself adds nothing.
            guard depth < Self.maximumDepth, !path.contains(number) else { continue }
            path.append(number)
            var looked = 0
            let items = items(of: value, &looked)
            if holders[number] {
                itemCount += looked
                guard itemCount <= Self.maximumItems else {
                    throw DalleError(
                        .badData, "the objects that hold tensors have more than \(Self.maximumItems) parts",
                        item: name)
                }
            } else {
                noteOpaque(name, number)
                otherItemCount += looked
                guard otherItemCount <= Self.maximumOtherItems else { continue }
            }
            for case (let key?, .object(let number)) in items.reversed() where depth > 0 || key != skipped {
                guard let name = Self.join(name, key) else { continue }
                waiting.append((name, .object(number), depth + 1))
            }
        }
    }

    /// Keeps what an opaque object is that stands where a tensor might.
    private mutating func noteOpaque(_ name: String, _ number: Int) {
        guard pickle.objects[number].isOpaque, tensors[name] == nil, unreadable[name] == nil else { return }
        let reason =
            pickle.callee(of: number).map { "the pickle makes it by calling '\($0)', which is not known" }
            ?? "is \(pickle.describe(.object(number)))"
        unreadable[name] = UnreadableTensor(reason: reason, isTensor: false)
    }

    /// Where a module that was saved whole keeps its tensors and the modules inside it; they add nothing to a name.
    private static let moduleDictionaries = ["_parameters", "_buffers", "_modules"]

    /// The values inside a dictionary, list or module, with what they add to a tensor's name.
    ///
    /// - Parameter looked: counts those that were looked at, which for a module are more than it has.
    private func items(of value: PickleValue, _ looked: inout Int) -> [(String?, PickleValue)] {
        let own = pickle.attributes(of: value) ?? []
        looked += own.count
        let nested = Self.moduleDictionaries.flatMap { name in
            Pickle.value(name, own).flatMap { pickle.entries(of: $0) } ?? []
        }
        if !nested.isEmpty {
            looked += nested.count
            // As a module's `state_dict()` leaves out.
            let others = Pickle.value("_non_persistent_buffers_set", own).flatMap { pickle.elements(of: $0) } ?? []
            let leftOut = Set(others.compactMap { if case .text(let name) = $0 { name } else { nil } })
            return nested.map { ($0.key, $0.value) }.map { key, value in
                let name = Self.name(key)
                return (name.flatMap { leftOut.contains($0) ? nil : $0 }, value)
            }
        }
        let entries = (pickle.entries(of: value) ?? []) + own
        let elements = pickle.elements(of: value) ?? []
        looked += entries.count + elements.count
        return entries.map { (Self.name($0.key), $0.value) } + elements.enumerated().map { (String($0), $1) }
    }

    private static func name(_ key: PickleValue) -> String? {
        switch key {
        case .text(let name): name
        case .integer(let number): String(number)
        default: nil
        }
    }

    /// Nil for a name that no tensor of a model has.
    private static func join(_ name: String, _ key: String) -> String? {
        let joined = name.isEmpty ? key : name + "." + key
        let isPlain =
            joined.utf8.count <= maximumNameByteCount && joined.unicodeScalars.allSatisfy { $0.value >= 0x20 }
        return isPlain ? joined : nil
    }

    private mutating func add(_ name: String, _ call: TorchTensorCall) throws(DalleError) {
        guard tensors[name] == nil, unreadable[name] == nil else { throw DalleError(.badData, "is there twice") }
        switch call {
        case .unreadable(let reason): unreadable[name] = UnreadableTensor(reason: reason, isTensor: true)
        case .array(let value, let dtype): try add(name, value, as: dtype)
        case .view(let view): try add(name, view)
        }
    }

    private mutating func add(_ name: String, _ value: PickleValue, as dtype: DType) throws(DalleError) {
        let array: PickledArray
        do throws(DalleError) {
            array = try PickledArray(value, in: pickle)
        } catch {
            unreadable[name] = UnreadableTensor(reason: error.message, isTensor: true)
            return
        }
        guard array.dtype == dtype || (array.dtype == .float32 && dtype == .bfloat16) else {
            unreadable[name] = UnreadableTensor(
                reason: "is made of an array of \(array.dtype) as \(dtype), which is not supported", isTensor: true)
            return
        }
        var strides = array.shape.rowMajorStrides
        if array.isColumnMajor {
            strides = Array(try Shape(array.shape.extents.reversed()).rowMajorStrides.reversed())
        }
        tensors[name] = try CheckpointTensor(
            name: name, dtype: dtype, shape: array.shape, storage: try array.storage(container, as: dtype), start: 0,
            strides: strides)
        names.append(name)
    }

    private mutating func add(_ name: String, _ view: TorchTensorCall.View) throws(DalleError) {
        let found: (Storage, start: Int, count: Int)
        switch try storage(view.storage) {
        case .known(let storage, let start, let count): found = (storage, start, count)
        case .unknown(let reason):
            unreadable[name] = UnreadableTensor(reason: reason, isTensor: true)
            return
        }
        var (storage, start, count) = found
        guard var bytes = storage.bytes, let dtype = view.dtype ?? storage.type.dtype else {
            unreadable[name] = UnreadableTensor(
                reason: "has elements of type \(storage.type.name), which is not supported", isTensor: true)
            return
        }
        if view.dtype != nil {
            bytes = try bytes.viewed(elementSize: dtype.byteCount)
            (start, count) = (0, bytes.count)
        }
        // Strides of 0 can make any size out of one element.
        let limit = max(container.file.count, bytes.count * bytes.elementSize, Self.smallByteCount)
        guard view.shape.byteCount(dtype) <= limit else {
            throw DalleError(.badData, "shape \(view.shape) repeats the elements of a storage of \(bytes.count)")
        }
        let (first, overflow) = start.addingReportingOverflow(view.offset)
        guard !overflow, view.offset >= 0, view.shape.count == 0 || view.offset < count else {
            throw DalleError(
                .badData, "shape \(view.shape) with offset \(view.offset) in a storage of \(count)",
                remedy: "The file is damaged or cut off: get it again")
        }
        tensors[name] = try CheckpointTensor(
            name: name, dtype: dtype, shape: view.shape, storage: bytes, start: first, strides: view.strides,
            isNegated: view.isNegated)
        names.append(name)
    }

    private enum Found {
        /// And the elements of it that are meant.
        case known(Storage, start: Int, count: Int)
        case unknown(String)
    }

    /// The storage of an identifier `("storage", type, key, location, count[, view])`.
    private mutating func storage(_ value: PickleValue) throws(DalleError) -> Found {
        guard let identifier = pickle.persistentID(value) else {
            guard case .object(let number) = value, let callee = pickle.callee(of: number) else {
                throw DalleError(.badData, "a tensor without a storage")
            }
            return .unknown("the pickle makes its storage by calling '\(callee)', which is not known")
        }
        guard let parts = pickle.elements(of: identifier), parts.count >= 5,
            case .text("storage") = parts[0], case .global(let global) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4], count >= 0
        else {
            throw DalleError(.badData, "a tensor without a storage")
        }
        guard case .storage(let type) = global.role else { return .unknown("has a storage of the type '\(global)'") }
        let storage = try storage(key, type, count)
        // Before PyTorch 0.4 a storage could be a part of another: its key, where it starts, its elements.
        guard parts.count > 5, let part = pickle.elements(of: parts[5]) else {
            return .known(storage, start: 0, count: count)
        }
        guard part.count == 3, case .integer(let start) = part[1], case .integer(let length) = part[2], start >= 0,
            length >= 0, start <= count, length <= count - start
        else { throw DalleError(.badData, "a part that the storage '\(key)' of \(count) elements does not have") }
        return .known(storage, start: start, count: length)
    }

    private mutating func storage(_ key: String, _ type: PickleStorageType, _ count: Int) throws(DalleError) -> Storage
    {
        if let known = storages[key] {
            guard known.type == type, known.count == count else {
                throw DalleError(
                    .badData,
                    "the storage '\(key)' has \(count) elements of \(type.name) here and "
                        + "\(known.count) of \(known.type.name) elsewhere")
            }
            return known
        }
        var bytes: CheckpointStorage?
        if type.dtype != nil { bytes = try container.storage(key, type, count: count) }
        let storage = Storage(type: type, count: count, bytes: bytes)
        storages[key] = storage
        return storage
    }
}

extension Pickle {
    /// For each object, whether a tensor can be reached from it through what it contains.
    fileprivate func tensorHolders() -> [Bool] {
        var isHolder = [Bool](repeating: false, count: objects.count)
        var waiting: [Int] = []
        for number in objects.indices where objects[number].kind == .instance {
            switch call(.object(number))?.callee.role {
            case .tensor?, .arrayTensor?, .otherTensor?:
                isHolder[number] = true
                waiting.append(number)
            default: break
            }
        }
        guard !waiting.isEmpty else { return isHolder }
        // Who contains an object, as lists one after the other.
        var starts = [Int](repeating: 0, count: objects.count + 1)
        forEachContained { _, inner in starts[inner + 1] += 1 }
        for number in objects.indices { starts[number + 1] += starts[number] }
        var next = starts
        var containers = [Int](repeating: 0, count: starts[objects.count])
        forEachContained { outer, inner in
            containers[next[inner]] = outer
            next[inner] += 1
        }
        while let number = waiting.popLast() {
            for outer in containers[starts[number]..<starts[number + 1]] where !isHolder[outer] {
                isHolder[outer] = true
                waiting.append(outer)
            }
        }
        return isHolder
    }

    private func forEachContained(_ body: (_ outer: Int, _ inner: Int) -> Void) {
        for number in objects.indices {
            let lists =
                objects[number].isOpaque
                ? additions[number].map { [$0.elements, $0.entries, $0.states] } ?? [] : [objects[number].items]
            for list in lists {
                for case .object(let inner) in list { body(number, inner) }
            }
        }
    }
}
