/// Everything a model file says about itself: the part after the data.
struct FileIndex: Equatable {
    /// Names of the abilities a reader needs. One that is not known is refused by name.
    static let knownFeatures: Set<String> = ["zstd-planes"]

    var metadata: MetadataMap
    var components: [Component]
    var tensors: [TensorDescriptor]

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.list(features) { $0.text($1) }
        writer.value(.map(metadata))
        writer.list(components) {
            $0.text($1.name)
            $0.text($1.kind)
            $0.value(.map($1.configuration))
        }
        writer.list(tensors) { $0.tensor($1) }
        return writer.bytes
    }

    /// Abilities that this file's chunks call for.
    private var features: [String] { tensors.allSatisfy(\.isStored) ? [] : ["zstd-planes"] }
}

extension FileIndex {
    /// Reads an index and checks that the chunks fill `data`, the range before it, in order and without overlap.
    init(_ bytes: Span<UInt8>, data: Range<Int>) throws(DalleError) {
        var reader = ByteReader(bytes)
        for _ in 0..<(try reader.listCount(minimum: 4)) {
            let feature = try reader.sizedText()
            guard FileIndex.knownFeatures.contains(feature) else {
                throw DalleError(
                    .badData, "needs the ability '\(feature)', which this version does not have",
                    remedy: "Use a newer version")
            }
        }
        metadata = try reader.map()
        components = []
        for _ in 0..<(try reader.listCount(minimum: 9)) {
            let name = try reader.sizedText(), kind = try reader.sizedText()
            components.append(Component(name: name, kind: kind, configuration: try reader.map()))
        }
        try FileIndex.requireUnique(components.map(\.name), "part")
        tensors = []
        for _ in 0..<(try reader.listCount(minimum: 25)) { tensors.append(try reader.tensor()) }
        try FileIndex.requireUnique(tensors.map(\.name), "tensor")
        guard reader.isAtEnd else {
            throw DalleError(.badData, "\(reader.remaining) bytes follow the index", offset: reader.offset)
        }
        try requireTiling(of: data)
    }

    private func requireTiling(of data: Range<Int>) throws(DalleError) {
        var end = data.lowerBound
        for tensor in tensors {
            for (number, chunk) in tensor.chunks.enumerated() {
                let start = number == 0 ? TensorDescriptor.alignedStart(after: end, byteCount: tensor.byteCount) : end
                guard chunk.range.lowerBound == start, chunk.range.upperBound <= data.upperBound else {
                    throw DalleError(
                        .badData, "chunk \(number) lies at \(chunk.range) instead of \(start)", item: tensor.name)
                }
                end = chunk.range.upperBound
            }
        }
        guard end == data.upperBound else {
            throw DalleError(
                .badData, "\(data.upperBound - end) bytes between the data and the index belong to nothing")
        }
    }

    private static func requireUnique(_ names: [String], _ what: String) throws(DalleError) {
        var seen = Set<String>()
        for name in names {
            guard !name.isEmpty, name.utf8.count <= 512 else {
                throw DalleError(.badData, "a \(what) with a name of \(name.utf8.count) bytes")
            }
            guard seen.insert(name).inserted else { throw DalleError(.badData, "is there twice", item: name) }
        }
    }
}

extension TensorDescriptor {
    /// Where a tensor starts that follows data ending at `end`: large ones on a page, so that they can be mapped and
    /// given back alone; all where any vector instruction may load them.
    static func alignedStart(after end: Int, byteCount: Int) -> Int {
        let alignment = byteCount >= 1 << 20 ? 4096 : 64
        return (end + alignment - 1) / alignment * alignment
    }
}

extension ByteWriter {
    mutating func list<Item>(_ items: [Item], _ write: (inout ByteWriter, Item) -> Void) {
        littleEndian(UInt32(items.count))
        for item in items { write(&self, item) }
    }

    mutating func value(_ value: MetadataValue) {
        switch value {
        case .bool(let flag):
            byte(flag ? 2 : 1)
        case .integer(let integer):
            byte(3)
            littleEndian(UInt64(bitPattern: Int64(integer)))
        case .number(let number):
            byte(4)
            littleEndian(number.bitPattern)
        case .text(let string):
            byte(5)
            text(string)
        case .list(let values):
            byte(6)
            list(values) { $0.value($1) }
        case .map(let map):
            byte(7)
            list(map.names) {
                $0.text($1)
                if let value = map[$1] { $0.value(value) }
            }
        }
    }

    fileprivate mutating func tensor(_ tensor: TensorDescriptor) {
        text(tensor.name)
        text(tensor.dtype.rawValue)
        text(tensor.layout.name)
        littleEndian(UInt32(tensor.layout.version))
        list(tensor.shape.extents) { $0.size($1) }
        size(tensor.byteCount)
        append(tensor.digest.bytes)
        size(tensor.chunkByteCount)
        list(tensor.chunks) {
            $0.byte($1.encoding.tag)
            $0.size($1.range.lowerBound)
            $0.size($1.range.count)
            $0.littleEndian($1.checksum)
        }
    }
}

extension ByteReader {
    /// Values nest at most this deep.
    private static let maximumDepth = 16
    /// Bounds what one chunk makes a reader allocate.
    private static let maximumChunkByteCount = 64 << 20

    /// A list's length; each of its items takes at least `minimum` bytes, so it cannot claim more than there are.
    fileprivate mutating func listCount(minimum: Int) throws(DalleError) -> Int {
        let start = offset
        let count = Int(try littleEndian(UInt32.self))
        guard count <= remaining / minimum else {
            throw DalleError(.badData, "a list of \(count) items in \(remaining) bytes", offset: start)
        }
        return count
    }

    fileprivate mutating func sizedText() throws(DalleError) -> String {
        try text(Int(try littleEndian(UInt32.self)))
    }

    fileprivate mutating func map() throws(DalleError) -> MetadataMap {
        guard case .map(let map) = try value(depth: 0) else {
            throw DalleError(.badData, "a value that is not a map", offset: offset)
        }
        return map
    }

    private mutating func value(depth: Int) throws(DalleError) -> MetadataValue {
        let start = offset
        guard depth < ByteReader.maximumDepth else {
            throw DalleError(.badData, "values nest deeper than \(ByteReader.maximumDepth)", offset: start)
        }
        switch try byte() {
        case 1: return .bool(false)
        case 2: return .bool(true)
        case 3: return .integer(Int(Int64(bitPattern: try littleEndian(UInt64.self))))
        case 4: return .number(Double(bitPattern: try littleEndian(UInt64.self)))
        case 5: return .text(try sizedText())
        case 6:
            var values: [MetadataValue] = []
            for _ in 0..<(try listCount(minimum: 1)) { values.append(try value(depth: depth + 1)) }
            return .list(values)
        case 7:
            var map = MetadataMap()
            for _ in 0..<(try listCount(minimum: 5)) {
                let name = try sizedText()
                guard map[name] == nil else { throw DalleError(.badData, "is there twice", item: name, offset: start) }
                map[name] = try value(depth: depth + 1)
            }
            return .map(map)
        case let tag:
            throw DalleError(.badData, "a value of unknown type \(tag)", offset: start)
        }
    }

    fileprivate mutating func tensor() throws(DalleError) -> TensorDescriptor {
        let name = try sizedText()
        do throws(DalleError) {
            let dtype = try dtype()
            let layout = TensorDescriptor.Layout(name: try sizedText(), version: Int(try littleEndian(UInt32.self)))
            var extents: [Int] = []
            for _ in 0..<(try listCount(minimum: 8)) { extents.append(try size()) }
            let shape = try Shape(extents), byteCount = try size()
            // Only the layout knows how many bytes it takes.
            guard layout != .plain || byteCount == shape.byteCount(dtype) else {
                throw DalleError(.badData, "\(byteCount) bytes for shape \(shape) of \(dtype.rawValue)")
            }
            let digest = try digest()
            let chunkByteCount = try size()
            guard (1...ByteReader.maximumChunkByteCount).contains(chunkByteCount) else {
                throw DalleError(.badData, "chunks of \(chunkByteCount) bytes")
            }
            let count = try listCount(minimum: 25)
            guard count == byteCount / chunkByteCount + (byteCount % chunkByteCount == 0 ? 0 : 1) else {
                throw DalleError(.badData, "\(count) chunks of \(chunkByteCount) bytes for \(byteCount) bytes")
            }
            var chunks: [Chunk] = []
            for number in 0..<count {
                let rawCount = min(chunkByteCount, byteCount - number * chunkByteCount)
                chunks.append(try chunk(rawCount: rawCount))
            }
            return TensorDescriptor(
                name: name, dtype: dtype, shape: shape, layout: layout, byteCount: byteCount, digest: digest,
                chunkByteCount: chunkByteCount, chunks: chunks)
        } catch {
            throw error.located(item: name)
        }
    }

    private mutating func chunk(rawCount: Int) throws(DalleError) -> Chunk {
        let tag = try byte()
        guard let encoding = Chunk.Encoding(tag: tag) else {
            throw DalleError(.badData, "a chunk of unknown encoding \(tag)")
        }
        let start = try size(), count = try size()
        let fits =
            encoding == .stored ? count == rawCount : count > 0 && count < rawCount && rawCount % encoding.planes == 0
        guard fits else { throw DalleError(.badData, "\(count) bytes for a chunk of \(rawCount)") }
        let (end, overflow) = start.addingReportingOverflow(count)
        guard !overflow else { throw DalleError(.badData, "a chunk at offset \(start)") }
        return Chunk(encoding: encoding, range: start..<end, checksum: try littleEndian(UInt64.self))
    }

    private mutating func digest() throws(DalleError) -> Digest {
        let bytes = try read(Digest.byteCount)
        return Digest(bytes: Array(bytes))
    }

    private mutating func dtype() throws(DalleError) -> DType {
        let name = try sizedText()
        guard let dtype = DType(rawValue: name) else {
            throw DalleError(
                .badData, "has the element type '\(name)', which this version does not know",
                remedy: "Use a newer version")
        }
        return dtype
    }
}
