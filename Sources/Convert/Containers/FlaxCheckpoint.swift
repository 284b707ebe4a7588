import DalleFormat

/// The arrays of a Flax checkpoint: one `flax_model.msgpack`, or shards under a `flax_model.msgpack.index.json`.
///
/// Encoding: flax.serialization's `msgpack_serialize` (flax 0.6.3) and transformers' `save_pretrained` (4.25.1).
struct FlaxCheckpoint {
    static let fileName = "flax_model.msgpack"
    static let indexName = "flax_model.msgpack.index.json"

    /// Arrays by their path in the tree, joined with "/".
    let tensors: [String: ForeignTensor]
    /// The files they lie in.
    let files: [MappedFile]

    /// Opens a checkpoint file, an index of shards, or a directory with either.
    ///
    /// - Throws: `missingInput` when a file is not there, `badData` when one is damaged or no Flax checkpoint.
    init(_ source: String) throws(DalleError) {
        let path = try FlaxCheckpoint.locate(source)
        if path.hasSuffix(".index.json") {
            (tensors, files) = try FlaxCheckpoint.shards(path)
        } else {
            let file = try MappedFile(path)
            tensors = try FlaxTree(file).tensors
            files = [file]
        }
    }

    private static func locate(_ source: String) throws(DalleError) -> String {
        switch PathKind(source) {
        case .file:
            return source
        case .directory:
            for name in [fileName, indexName] where PathKind("\(source)/\(name)") == .file {
                return "\(source)/\(name)"
            }
            throw DalleError(
                .missingInput, "the directory holds neither \(fileName) nor \(indexName)",
                remedy: "Name the checkpoint file itself if it is called otherwise", file: source)
        case .nothing:
            throw DalleError(.missingInput, "there is no such file or directory", file: source)
        }
    }

    private static func shards(_ index: String) throws(DalleError) -> ([String: ForeignTensor], [MappedFile]) {
        guard case .object(let map)? = try JSONFile.decode([String: JSONValue].self, index)["weight_map"] else {
            throw DalleError(.badData, "the index of shards has no 'weight_map'", file: index)
        }
        let directory = index.lastIndex(of: "/").map { String(index[...$0]) } ?? ""
        var fileOfTensor: [String: String] = [:]
        for (tensor, value) in map {
            guard case .text(let name) = value, !name.isEmpty, !name.contains("/") else {
                throw DalleError(.badData, "its shard is \(value), expected a file name", file: index, item: tensor)
            }
            fileOfTensor[tensor] = name
        }
        var tensors: [String: ForeignTensor] = [:]
        var files: [MappedFile] = []
        for name in Set(fileOfTensor.values).sorted() {
            let file = try MappedFile(directory + name)
            files.append(file)
            for (tensor, array) in try FlaxTree(file).tensors {
                guard fileOfTensor[tensor] == name else {
                    throw DalleError(
                        .badData, "the index of shards puts it into \(fileOfTensor[tensor] ?? "no file")",
                        file: file.path, item: tensor)
                }
                tensors[tensor] = array
            }
        }
        if let missing = fileOfTensor.keys.sorted().first(where: { tensors[$0] == nil }) {
            throw DalleError(
                .badData, "is not in the shard that the index names",
                remedy: "Get the shards again, all from one release", file: directory + (fileOfTensor[missing] ?? ""),
                item: missing)
        }
        return (tensors, files)
    }
}

/// The tree of one MessagePack file, flattened.
private struct FlaxTree {
    private(set) var tensors: [String: ForeignTensor] = [:]
    private let file: MappedFile

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        do throws(DalleError) {
            // A map: 8n, de or df. Said before parsing, because other files fail in ways that explain nothing.
            guard file.count > 0, (0x80...0x8F).contains(file.bytes[0]) || (0xDE...0xDF).contains(file.bytes[0]) else {
                throw DalleError(
                    .badData, "is not a Flax checkpoint: \(FileSignature.describe(file.bytes))",
                    remedy: "Give a flax_model.msgpack, or the directory that holds one")
            }
            try add(try MessagePack(file.bytes), path: "")
        } catch {
            throw error.located(file: file.path)
        }
    }

    private mutating func add(_ value: MessagePack, path: String) throws(DalleError) {
        switch value {
        case .map(let entries) where entries.contains { $0.key == "__msgpack_chunked_array__" }:
            tensors[path] = try chunkedArray(entries, path)
        case .map(let entries):
            for entry in entries { try add(entry.value, path: path.isEmpty ? entry.key : "\(path)/\(entry.key)") }
        case .ext(let type, let range) where type == 1 || type == 3:
            let array = try FlaxArray(file, range, path)
            tensors[path] = try ForeignTensor(
                name: path, dtype: array.dtype, shape: array.shape,
                storage: try ForeignStorage([array.piece], elementSize: array.dtype.byteCount))
        default:
            throw DalleError(.badData, "is no array", item: path)
        }
    }

    /// An array over 2^30 bytes: a map of its shape and of flat pieces, both with decimal keys.
    private func chunkedArray(_ entries: [MessagePack.Entry], _ path: String) throws(DalleError) -> ForeignTensor {
        func numbered(_ key: String) throws(DalleError) -> [MessagePack] {
            guard case .map(let items)? = entries.first(where: { $0.key == key })?.value else {
                throw DalleError(.badData, "a cut array has no '\(key)'", item: path)
            }
            let byNumber = Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0.value) })
            var values: [MessagePack] = []
            for number in items.indices {
                guard let value = byNumber["\(number)"] else {
                    throw DalleError(.badData, "a cut array lacks number \(number) of its '\(key)'", item: path)
                }
                values.append(value)
            }
            return values
        }
        var extents: [Int] = []
        for value in try numbered("shape") {
            guard case .integer(let extent) = value else {
                throw DalleError(.badData, "a shape that is not of integers", item: path)
            }
            extents.append(extent)
        }
        var arrays: [FlaxArray] = []
        for value in try numbered("chunks") {
            guard case .ext(1, let range) = value else { throw DalleError(.badData, "a piece is no array", item: path) }
            arrays.append(try FlaxArray(file, range, path))
        }
        guard let dtype = arrays.first?.dtype, arrays.allSatisfy({ $0.dtype == dtype && $0.shape.rank == 1 }) else {
            throw DalleError(.badData, "the pieces of a cut array are not flat arrays of one type", item: path)
        }
        return try ForeignTensor(
            name: path, dtype: dtype, shape: try Shape(extents),
            storage: try ForeignStorage(arrays.map(\.piece), elementSize: dtype.byteCount))
    }
}

/// The payload of an array: itself MessagePack, `[shape, type name, bytes]`.
private struct FlaxArray {
    let dtype: DType
    let shape: Shape
    let piece: ForeignStorage.Piece

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
            piece = ForeignStorage.Piece(file: file, range: start..<start + bytes.count)
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
