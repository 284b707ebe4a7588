import DalleFormat

/// PyTorch's container before 1.6: five pickles one after the other (magic number, protocol, the writing machine, the
/// object, the storages' keys), then the storages in the order of the keys, each with its element count in front.
struct TorchLegacyContainer: TorchContainer {
    /// Whether a file starts as a pickle of protocol 2 to 5 does, or one of protocol 1 with the magic number.
    static func isOne(head: [UInt8]) -> Bool {
        head.count >= 2 && head[0] == 0x80 && (2...5).contains(head[1])
            || head.starts(with: Array("L119547037146038801333356L\n".utf8))
    }

    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let protocolVersion = 1001

    let file: MappedFile
    let pickle: Pickle
    var pickleFile: MappedFile { file }
    var pickleStart: Int { 0 }
    private let storages: [String: Range<Int>]

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        var reader = ByteReader(file.bytes)
        guard case .wideInteger(let magic) = try PickleMachine.run(&reader).root, magic == Self.magic,
            case .integer(let version) = try PickleMachine.run(&reader).root, version == Self.protocolVersion
        else {
            throw DalleError(
                .badData, "is a pickle, but not one that PyTorch wrote", remedy: "Give a PyTorch checkpoint")
        }
        let machine = try PickleMachine.run(&reader)
        guard case .bool(true)? = machine.entry("little_endian", of: machine.root) else {
            throw DalleError(
                .badData, "was written by a machine of another byte order",
                remedy: "Load it with PyTorch on an ordinary machine and save it again", item: "little_endian")
        }
        pickle = try PickleMachine.run(&reader)
        let keys = try PickleMachine.run(&reader)
        let types = pickle.storageTypes
        var storages: [String: Range<Int>] = [:]
        for element in keys.elements(of: keys.root) ?? [] {
            guard case .text(let key) = element, let type = types[key] else {
                throw DalleError(
                    .badData, "a storage that no tensor is of, or of an unknown type: \(keys.describe(element))",
                    offset: reader.offset)
            }
            let count = try reader.size(), start = reader.offset
            let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
            guard !overflow else { throw DalleError(.badData, "a storage of \(count) elements", offset: start) }
            try reader.skip(byteCount)
            guard storages.updateValue(start..<reader.offset, forKey: key) == nil else {
                throw DalleError(.badData, "the storage '\(key)' is there twice", offset: start)
            }
        }
        guard reader.isAtEnd else {
            throw DalleError(.badData, "\(reader.remaining) bytes follow the last storage", offset: reader.offset)
        }
        self.storages = storages
    }

    func storage(_ key: String, _ type: PickleStorageType, count: Int) throws(DalleError) -> CheckpointStorage {
        guard let range = storages[key] else {
            throw DalleError(
                .badData, "the storage '\(key)' is missing", remedy: "The file is damaged: get it again")
        }
        try type.require(count, in: range.count, key: key, offset: range.lowerBound)
        return try CheckpointStorage([.init(file: file, range: range)], elementSize: type.byteCount)
    }
}

extension Pickle {
    /// The element types of all storages that are mentioned, by key.
    fileprivate var storageTypes: [String: PickleStorageType] {
        var types: [String: PickleStorageType] = [:]
        for object in objects where object.kind == .external {
            guard let parts = elements(of: object.items[0]), parts.count >= 3, case .text("storage") = parts[0],
                case .global(let global) = parts[1], case .storage(let type) = global.role,
                case .text(let key) = parts[2]
            else { continue }
            types[key] = type
        }
        return types
    }
}
