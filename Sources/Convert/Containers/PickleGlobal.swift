import DalleFormat

/// A name that a pickle mentions: never looked up, never called.
struct PickleGlobal: Sendable, CustomStringConvertible {
    let module: String
    let name: String
    /// Where in the pickle it is mentioned.
    let offset: Int

    var description: String { "\(module) \(name)" }
}

/// What a pickle may do with a name.
enum PickleRole: Sendable {
    /// Calling it gives a dictionary: empty, or of the pairs given.
    case dictionary
    /// Calling it gives a list or a set of the values given.
    case list, set
    /// Calling it gives back the first argument.
    case firstArgument
    /// Calling it gives a tensor: storage, offset, size, strides.
    case tensor
    /// A type of storage; never called.
    case storage(PickleStorageType)
    /// A record of the call is kept; what it would have made is not needed.
    case record
    /// Known, and why it is refused.
    case refused(String)
}

/// The elements of a storage; some types have no counterpart here.
struct PickleStorageType: Sendable, Equatable {
    let name: String
    let dtype: DType?

    /// Bytes of an element; of the types without a counterpart, complex numbers of two floats are the only one.
    var byteCount: Int { dtype?.byteCount ?? 8 }
}

extension PickleGlobal {
    /// What may be done with this name; nil for one that may only be mentioned.
    ///
    /// A name that is mentioned and never called is inert, such as the callback classes that Lightning uses as keys.
    var role: PickleRole? {
        // Python 3 writes protocol 2 under Python 2's names.
        let module = module == "__builtin__" ? "builtins" : module
        // The classes of a TorchScript module are its own.
        if module == "__torch__" || module.hasPrefix("__torch__.") { return .record }
        return Self.roles["\(module) \(name)"]
    }

    /// Every name that a pickle of these model families calls, and the kinds of storage.
    private static let roles: [String: PickleRole] = {
        var roles: [String: PickleRole] = [:]
        func add(_ module: String, _ names: [String], _ role: PickleRole) {
            for name in names { roles["\(module) \(name)"] = role }
        }
        add("collections", ["OrderedDict", "defaultdict"], .dictionary)
        add("builtins", ["dict"], .dictionary)
        add("builtins", ["list"], .list)
        add("builtins", ["set"], .set)
        add("builtins", ["int", "long", "float", "bool", "str", "complex", "bytearray"], .record)

        add("torch._utils", ["_rebuild_tensor", "_rebuild_tensor_v2"], .tensor)
        add("torch._utils", ["_rebuild_parameter", "_rebuild_parameter_with_state"], .firstArgument)
        add(
            "torch._utils", ["_rebuild_tensor_v3"],
            .refused("it makes a tensor of a type that is newer than this reader"))
        add("torch._utils", ["_rebuild_sparse_tensor"], .refused("it makes a sparse tensor"))
        add("torch._utils", ["_rebuild_qtensor"], .refused("it makes a quantised tensor"))
        add("torch._tensor", ["_rebuild_from_type_v2"], .refused("it makes a tensor of a class of its own"))
        add("torch.serialization", ["_get_layout"], .refused("it makes a sparse tensor"))
        add("torch", ["Size", "device"], .record)
        for (name, dtype) in storageTypes {
            add("torch", ["\(name)Storage"], .storage(PickleStorageType(name: name, dtype: dtype)))
        }
        add("torch.storage", ["UntypedStorage"], .storage(PickleStorageType(name: "Untyped", dtype: .uint8)))

        // TorchScript.
        add("torch.jit._pickle", ["restore_type_tag", "build_intlist", "build_doublelist"], .firstArgument)
        add("torch.jit._pickle", ["build_boollist", "build_tensorlist"], .firstArgument)

        // Modules saved whole: OpenAI's dVAE.
        add("dall_e.encoder", ["Encoder", "EncoderBlock"], .record)
        add("dall_e.decoder", ["Decoder", "DecoderBlock"], .record)
        add("dall_e.utils", ["Conv2d"], .record)
        add("torch.nn.modules.container", ["Sequential"], .record)
        add("torch.nn.modules.activation", ["ReLU"], .record)
        add("torch.nn.modules.linear", ["Identity"], .record)
        add("torch.nn.modules.pooling", ["MaxPool2d"], .record)
        add("torch.nn.modules.upsampling", ["Upsample"], .record)

        // What trainers leave beside the weights.
        add("numpy", ["dtype", "ndarray"], .record)
        add("numpy.core.multiarray", ["scalar", "_reconstruct"], .record)
        add("numpy._core.multiarray", ["scalar", "_reconstruct"], .record)
        add("_codecs", ["encode"], .record)
        add("argparse", ["Namespace"], .record)
        add("pathlib", ["PosixPath", "WindowsPath"], .record)
        add("pytorch_lightning.callbacks.model_checkpoint", ["ModelCheckpoint"], .record)
        add("pytorch_lightning.callbacks.early_stopping", ["EarlyStopping"], .record)
        add("pytorch_lightning.utilities.parsing", ["AttributeDict"], .dictionary)
        add("omegaconf.dictconfig", ["DictConfig"], .record)
        add("omegaconf.listconfig", ["ListConfig"], .record)
        add("omegaconf.base", ["ContainerMetadata", "Metadata"], .record)
        add("omegaconf.nodes", ["AnyNode", "IntegerNode", "FloatNode", "StringNode", "BooleanNode"], .record)
        return roles
    }()

    private static let storageTypes: [(String, DType?)] = [
        ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
        ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8), ("Bool", .bool),
        ("ComplexFloat", nil), ("ComplexDouble", nil),
    ]
}
