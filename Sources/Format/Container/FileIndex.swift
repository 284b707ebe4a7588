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
        writer.list(components) { $0.component($1) }
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
            components.append(Component(name: name, kind: Component.Kind(kind), configuration: try reader.map()))
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

extension ByteReader {
    /// Bounds what one chunk makes a reader allocate.
    private static let maximumChunkByteCount = 64 << 20

    fileprivate mutating func tensor() throws(DalleError) -> TensorDescriptor {
        let name = try sizedText()
        do throws(DalleError) {
            let dtype = try dtype()
            let layout = TensorDescriptor.Layout(name: try sizedText(), version: Int(try littleEndian(UInt32.self)))
            var extents: [Int] = []
            for _ in 0..<(try listCount(minimum: 8)) { extents.append(try size()) }
            let shape = try Shape(extents), byteCount = try size()
            // Only the layout knows how many bytes it takes.
            if let packing = try PackedRows(layout, shape) {
                guard byteCount == packing.byteCount, dtype == .float32 else {
                    throw DalleError(
                        .badData, "\(byteCount) bytes for shape \(shape) of \(dtype.rawValue) in the layout \(layout)")
                }
            }
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
