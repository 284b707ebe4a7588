import DalleFormat

/// The tensors of a safetensors file.
///
/// Format: github.com/huggingface/safetensors. Its rules are held: the ranges lie one after the other without gap or
/// overlap and end where the file ends, and a name occurs once.
struct SafetensorsFile {
    let tensors: [String: CheckpointTensor]

    /// - Throws: `badData` when the file is not of this format, damaged or cut off.
    init(_ file: MappedFile) throws(DalleError) {
        do throws(DalleError) {
            var reader = ByteReader(file.bytes)
            let count = file.count < 8 ? 0 : try reader.size()
            guard count >= 2, count <= reader.remaining else {
                throw DalleError(
                    .badData, "is not a safetensors file: \(FileSignature.describe(file.bytes))",
                    remedy: "Get the file again")
            }
            let header = try JSONFile.object(file, 8..<8 + count)
            try reader.skip(count)
            var entries: [SafetensorsEntry] = []
            for (name, value) in header where name != "__metadata__" {
                entries.append(try SafetensorsEntry(name, value))
            }
            tensors = try Self.tensors(entries, file, data: reader.offset..<file.count)
        } catch {
            throw error.located(file: file.path)
        }
    }

    private static func tensors(
        _ entries: [SafetensorsEntry], _ file: MappedFile, data: Range<Int>
    ) throws(DalleError) -> [String: CheckpointTensor] {
        var tensors: [String: CheckpointTensor] = [:]
        var end = 0
        for entry in entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            guard entry.start == end, entry.end >= entry.start, entry.end <= data.count else {
                throw DalleError(
                    .badData, "lies at \(entry.start) to \(entry.end) of \(data.count) bytes, expected from \(end) on",
                    remedy: "The file is damaged or cut off: get it again", item: entry.name)
            }
            end = entry.end
            let range = data.lowerBound + entry.start..<data.lowerBound + entry.end
            do throws(DalleError) {
                tensors[entry.name] = try CheckpointTensor(
                    name: entry.name, dtype: entry.dtype, shape: try Shape(entry.extents),
                    storage: try CheckpointStorage(
                        [.init(file: file, range: range)], elementSize: entry.dtype.byteCount))
            } catch {
                throw error.located(item: entry.name, offset: range.lowerBound)
            }
        }
        guard end == data.count else {
            throw DalleError(.badData, "\(data.count - end) bytes at the end belong to no tensor")
        }
        return tensors
    }
}

/// What the header says of one tensor.
private struct SafetensorsEntry {
    let name: String
    let dtype: DType
    let extents: [Int]
    let start: Int
    let end: Int

    private static let types: [String: DType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32,
        "I16": .int16, "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool,
    ]

    init(_ name: String, _ value: JSONValue) throws(DalleError) {
        guard case .object(let fields) = value, case .text(let type)? = fields["dtype"],
            let extents = fields["shape"]?.integers, let offsets = fields["data_offsets"]?.integers, offsets.count == 2
        else { throw DalleError(.badData, "has no dtype, shape or data_offsets", item: name) }
        guard let dtype = Self.types[type] else {
            throw DalleError(.badData, "has elements of type \(type), which is not supported", item: name)
        }
        self.name = name
        self.dtype = dtype
        self.extents = extents
        start = offsets[0]
        end = offsets[1]
    }
}
