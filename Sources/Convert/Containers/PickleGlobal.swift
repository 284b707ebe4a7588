import DalleFormat

/// A name that a pickle mentions: never looked up, never called.
struct PickleGlobal: Sendable, CustomStringConvertible {
    let module: String
    let name: String
    /// Where in the pickle it is mentioned.
    let offset: Int

    var description: String { "\(module) \(name)" }
}

/// What calling a name stands for, where that is known. Any other name makes an object of which only that is known.
enum PickleRole: Sendable {
    /// Calling it gives a dictionary: empty, or of the pairs given.
    case dictionary
    /// Calling it gives a list or a set of the values given.
    case list, set
    /// Calling it gives back the first argument.
    case firstArgument
    /// Calling it calls the first argument with the others.
    case newObject
    /// Calling it calls the first argument with those in the third: a tensor with attributes or a class of its own.
    case typedTensor

    /// Calling it gives a tensor: storage, offset, size, strides and more; in later forms with the type of its elements.
    case tensor(isTyped: Bool)
    /// Calling it gives a tensor that was copied from a device: NumPy's array, type.
    case arrayTensor
    /// Calling it gives a tensor of a kind that has no counterpart here, in words.
    case otherTensor(String)
    /// A type of storage; never called.
    case storage(PickleStorageType)
}

/// The elements of a storage; some types have no counterpart here.
struct PickleStorageType: Sendable, Equatable {
    let name: String
    let dtype: DType?
    let byteCount: Int
}

extension PickleGlobal {
    /// What calling this name stands for; nil for one that nothing is known of.
    var role: PickleRole? {
        // Python 3 writes protocol 2 under Python 2's names.
        let module = module == "__builtin__" ? "builtins" : module
        return Self.roles["\(module) \(name)"]
    }

    private static let roles: [String: PickleRole] = {
        var roles: [String: PickleRole] = [:]
        func add(_ module: String, _ names: [String], _ role: PickleRole) {
            for name in names { roles["\(module) \(name)"] = role }
        }
        add("collections", ["OrderedDict", "defaultdict", "Counter"], .dictionary)
        add("builtins", ["dict"], .dictionary)
        add("pytorch_lightning.utilities.parsing", ["AttributeDict"], .dictionary)
        add("lightning.fabric.utilities.data", ["AttributeDict"], .dictionary)
        add("builtins", ["list"], .list)
        add("builtins", ["set", "frozenset"], .set)
        for module in ["copyreg", "copy_reg"] {
            add(module, ["__newobj__", "_reconstructor"], .newObject)
        }

        add("torch._utils", ["_rebuild_tensor", "_rebuild_tensor_v2"], .tensor(isTyped: false))
        add("torch._utils", ["_rebuild_tensor_v3"], .tensor(isTyped: true))
        add(
            "torch._utils",
            ["_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_device_tensor_from_cpu_tensor"],
            .firstArgument)
        // Before PyTorch 0.4 parameters were objects of their own around a tensor.
        add("torch.nn.parameter", ["Parameter", "Buffer"], .firstArgument)
        add("torch.autograd.variable", ["Variable"], .firstArgument)
        add("torch", ["Size"], .firstArgument)
        add("torch._utils", ["_rebuild_device_tensor_from_numpy", "_rebuild_xla_tensor"], .arrayTensor)
        add("torch._utils", ["_rebuild_sparse_tensor"], .otherTensor("a sparse tensor"))
        add("torch._utils", ["_rebuild_sparse_csr_tensor"], .otherTensor("a sparse tensor"))
        add("torch._utils", ["_rebuild_qtensor"], .otherTensor("a quantised tensor"))
        add("torch._utils", ["_rebuild_nested_tensor"], .otherTensor("a nested tensor"))
        add("torch._utils", ["_rebuild_meta_tensor_no_storage"], .otherTensor("a tensor without elements (meta)"))
        add("torch._utils", ["_rebuild_wrapper_subclass"], .otherTensor("a tensor of a class of its own"))
        for module in ["torch._tensor", "torch.tensor"] {
            add(module, ["_rebuild_from_type", "_rebuild_from_type_v2"], .typedTensor)
        }
        for (name, dtype, size) in storageTypes {
            let type = PickleStorageType(name: name, dtype: dtype, byteCount: size)
            for module in ["torch", "torch.cuda"] { add(module, ["\(name)Storage"], .storage(type)) }
        }
        let untyped = PickleStorageType(name: "Untyped", dtype: .uint8, byteCount: 1)
        add("torch.storage", ["UntypedStorage", "_UntypedStorage"], .storage(untyped))
        add("torch", ["UntypedStorage"], .storage(untyped))

        // TorchScript.
        add("torch.jit._pickle", ["restore_type_tag", "build_intlist", "build_doublelist"], .firstArgument)
        add("torch.jit._pickle", ["build_boollist", "build_tensorlist"], .firstArgument)
        return roles
    }()

    /// The types of elements, and their bytes.
    private static let storageTypes: [(String, DType?, Int)] = [
        ("Double", .float64, 8), ("Float", .float32, 4), ("Half", .float16, 2), ("BFloat16", .bfloat16, 2),
        ("Long", .int64, 8), ("Int", .int32, 4), ("Short", .int16, 2), ("Char", .int8, 1), ("Byte", .uint8, 1),
        ("Bool", .bool, 1), ("ComplexHalf", nil, 4), ("ComplexFloat", nil, 8), ("ComplexDouble", nil, 16),
        ("QUInt8", nil, 1), ("QInt8", nil, 1), ("QInt32", nil, 4), ("QUInt4x2", nil, 1), ("QUInt2x4", nil, 1),
    ]
}
