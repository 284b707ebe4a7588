import DalleFormat

/// What the call that makes a tensor says of it.
enum TorchTensorCall {
    /// Elements of a storage.
    case view(View)
    /// A copy from a device: NumPy's array, and the type its elements are made of.
    case array(PickleValue, DType)
    /// A tensor of which nothing can be read, and why.
    case unreadable(String)

    struct View {
        let storage: PickleValue
        let offset: Int
        let shape: Shape
        let strides: [Int]
        /// When it is not the storage's.
        let dtype: DType?
        let isNegated: Bool
    }

    /// Nil for a value that is no tensor.
    ///
    /// - Throws: `badData` when the call is damaged.
    init?(_ value: PickleValue, in pickle: Pickle) throws(DalleError) {
        guard let (callee, arguments) = pickle.call(value), let role = callee.role else { return nil }
        switch role {
        case .tensor(let isTyped): self = try Self.view(arguments, isTyped: isTyped, in: pickle)
        case .arrayTensor:
            guard arguments.count >= 2 else { throw DalleError(.badData, "a tensor made of \(arguments.count) values") }
            if let dtype = Self.dtype(arguments[1]) {
                self = .array(arguments[0], dtype)
            } else {
                self = .unreadable(Self.elements(arguments[1], in: pickle))
            }
        case .otherTensor(let kind): self = .unreadable("is \(kind)")
        default: return nil
        }
    }

    /// `(storage, offset, size, strides, requires_grad, hooks[, type][, metadata])`.
    private static func view(_ arguments: [PickleValue], isTyped: Bool, in pickle: Pickle) throws(DalleError) -> Self {
        guard arguments.count >= (isTyped ? 7 : 4), case .integer(let offset) = arguments[1] else {
            throw DalleError(.badData, "a tensor made of \(arguments.count) values")
        }
        let shape = try Shape(try integers(arguments[2], in: pickle))
        let strides = try integers(arguments[3], in: pickle)
        var type: DType?
        if isTyped {
            type = dtype(arguments[6])
            guard type != nil else { return .unreadable(elements(arguments[6], in: pickle)) }
        }
        var isNegated = false
        let metadata = arguments.count > (isTyped ? 7 : 6) ? arguments[isTyped ? 7 : 6] : .none
        if case .none = metadata {
        } else {
            guard let entries = pickle.entries(of: metadata) else {
                return .unreadable("has properties that are \(pickle.describe(metadata))")
            }
            for entry in entries {
                guard case .text(let name) = entry.key, case .bool(let isSet) = entry.value else {
                    return .unreadable("has a property that is not understood")
                }
                guard isSet else { continue }
                switch name {
                case "neg": isNegated = true
                case "conj": return .unreadable("is the conjugate of complex numbers")
                default: return .unreadable("has the property '\(name)', which is not understood")
                }
            }
        }
        return .view(
            View(
                storage: arguments[0], offset: offset, shape: shape, strides: strides, dtype: type,
                isNegated: isNegated))
    }

    /// PyTorch's names of types that are not ours.
    private static let names = [
        "double": "float64", "float": "float32", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    ]

    private static func dtype(_ value: PickleValue) -> DType? {
        guard case .global(let global) = value, global.module == "torch" else { return nil }
        return DType(rawValue: names[global.name] ?? global.name)
    }

    private static func elements(_ type: PickleValue, in pickle: Pickle) -> String {
        if case .global(let global) = type { return "has elements of type \(global.name), which is not supported" }
        return "has elements of a type that is \(pickle.describe(type))"
    }

    private static func integers(_ value: PickleValue, in pickle: Pickle) throws(DalleError) -> [Int] {
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
