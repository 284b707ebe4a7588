import DalleFormat

/// The tree of one MessagePack file, flattened.
struct FlaxTree {
    private(set) var tensors: [String: CheckpointTensor] = [:]
    /// Paths of leaves that are no arrays, such as a count of steps.
    private(set) var others: [String] = []
    private let file: MappedFile

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        do throws(DalleError) {
            // A map: 8n, de or df. Said before parsing, because other files fail in ways that explain nothing.
            let isKnown = FileSignature.recognize(file.bytes) != nil
            guard !isKnown, (0x80...0x8F).contains(file.bytes[0]) || (0xDE...0xDF).contains(file.bytes[0]) else {
                throw DalleError(
                    .badData, "is not a Flax checkpoint: \(FileSignature.describe(file.bytes))",
                    remedy: "Give a flax_model.msgpack, or the directory that holds one")
            }
            try add(try MessagePack(file.bytes), path: "")
            if tensors.isEmpty, let other = others.first { throw DalleError(.badData, "is no array", item: other) }
        } catch {
            throw error.located(file: file.path)
        }
    }

    /// Real paths have about 100 bytes; a long name above many others would be kept once for each.
    private static let maximumPathLength = 512

    private mutating func add(_ value: MessagePack, path: String) throws(DalleError) {
        guard path.utf8.count <= Self.maximumPathLength else {
            throw DalleError(.badData, "a name of more than \(Self.maximumPathLength) bytes", item: path)
        }
        if case .map(let entries) = value, !Self.isChunkedArray(entries) {
            for entry in entries { try add(entry.value, path: path.isEmpty ? entry.key : "\(path)/\(entry.key)") }
        } else {
            guard Self.isArray(value) else {
                others.append(path)
                return
            }
            let tensor = try Self.tensor(value, name: path, in: file)
            // A name with a stroke in it can spell another one's path.
            guard tensors.updateValue(tensor, forKey: path) == nil else {
                throw DalleError(.badData, "is there twice", item: path)
            }
        }
    }

    /// A leaf as an array.
    ///
    /// - Throws: `badData` when it is none.
    static func tensor(_ leaf: MessagePack, name: String, in file: MappedFile) throws(DalleError) -> CheckpointTensor {
        switch leaf {
        case .map(let entries) where isChunkedArray(entries):
            return try chunkedArray(entries, name, file)
        // Type 3 is a NumPy scalar, with the payload of an array.
        case .ext(let type, let range) where type == 1 || type == 3:
            let array = try FlaxArray(file, range, name)
            return try CheckpointTensor(
                name: name, dtype: array.dtype, shape: array.shape,
                storage: try CheckpointStorage([array.chunk], elementSize: array.dtype.byteCount))
        default:
            throw DalleError(.badData, "is no array", item: name)
        }
    }

    /// Whether a leaf is kept as an array; what else is there (counts, texts, nothing) stands beside a model.
    private static func isArray(_ leaf: MessagePack) -> Bool {
        switch leaf {
        case .map, .ext: true
        default: false
        }
    }

    private static func isChunkedArray(_ entries: [MessagePack.Entry]) -> Bool {
        entries.contains { $0.key == "__msgpack_chunked_array__" }
    }

    /// An array of more than 2^30 bytes: a map of its shape and of flat chunks, both with decimal keys.
    private static func chunkedArray(
        _ entries: [MessagePack.Entry], _ name: String, _ file: MappedFile
    ) throws(DalleError) -> CheckpointTensor {
        var extents: [Int] = []
        for value in try numbered("shape", entries, name) {
            guard case .integer(let extent) = value else {
                throw DalleError(.badData, "a shape that is not of integers", item: name)
            }
            extents.append(extent)
        }
        var arrays: [FlaxArray] = []
        for value in try numbered("chunks", entries, name) {
            guard case .ext(1, let range) = value else { throw DalleError(.badData, "a piece is no array", item: name) }
            arrays.append(try FlaxArray(file, range, name))
        }
        guard let dtype = arrays.first?.dtype, arrays.allSatisfy({ $0.dtype == dtype && $0.shape.rank == 1 }) else {
            throw DalleError(.badData, "the pieces of a cut array are not flat arrays of one type", item: name)
        }
        return try CheckpointTensor(
            name: name, dtype: dtype, shape: try Shape(extents),
            storage: try CheckpointStorage(arrays.map(\.chunk), elementSize: dtype.byteCount))
    }

    /// The values of a map with the keys "0", "1", …, in that order; a map's own order is another.
    private static func numbered(
        _ key: String, _ entries: [MessagePack.Entry], _ name: String
    ) throws(DalleError) -> [MessagePack] {
        guard case .map(let items)? = entries.first(where: { $0.key == key })?.value else {
            throw DalleError(.badData, "a cut array has no '\(key)'", item: name)
        }
        let byNumber = Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0.value) })
        var values: [MessagePack] = []
        for number in items.indices {
            guard let value = byNumber["\(number)"] else {
                throw DalleError(.badData, "a cut array lacks number \(number) of its '\(key)'", item: name)
            }
            values.append(value)
        }
        return values
    }
}

/// The payload of an array: itself MessagePack, `[shape, type name, bytes]`.
private struct FlaxArray {
    let dtype: DType
    let shape: Shape
    let chunk: CheckpointStorage.Chunk

    init(_ file: MappedFile, _ range: Range<Int>, _ path: String) throws(DalleError) {
        do throws(DalleError) {
            guard
                case .list(let fields) = try MessagePack(file.bytes.extracting(range), limits: .init(depth: 3)),
                fields.count == 3, case .list(let dimensions) = fields[0], case .text(let type) = fields[1],
                case .binary(let bytes) = fields[2]
            else { throw DalleError(.badData, "an array that is not of shape, type and bytes") }
            guard let dtype = DType(rawValue: type) else {
                throw DalleError(.badData, "an array of type '\(type)', which is not supported")
            }
            var extents: [Int] = []
            for dimension in dimensions {
                guard case .integer(let extent) = dimension else {
                    throw DalleError(.badData, "a shape that is not of integers")
                }
                extents.append(extent)
            }
            self.dtype = dtype
            shape = try Shape(extents)
            let start = range.lowerBound + bytes.lowerBound
            chunk = CheckpointStorage.Chunk(file: file, range: start..<start + bytes.count)
            guard bytes.count == shape.byteCount(dtype) else {
                throw DalleError(
                    .badData,
                    "\(bytes.count) bytes for shape \(shape) of \(type), which takes \(shape.byteCount(dtype))",
                    remedy: "The file is damaged: get it again")
            }
        } catch {
            throw error.located(item: path, offset: range.lowerBound)
        }
    }
}
