/// What a model file's index says about one tensor.
public struct TensorDescriptor: Sendable, Equatable {
    /// How the elements of a tensor lie in its bytes: a name and a version, since a layout follows the kernels that read
    /// it in place.
    public struct Layout: Sendable, Hashable {
        public let name: String
        public let version: Int

        public init(name: String, version: Int) {
            self.name = name
            self.version = version
        }

        /// Row-major, without padding.
        public static let plain = Layout(name: "plain", version: 1)

        /// Those that this version can read. A file with another one opens, can be checked, merged and inspected; only
        /// the tensor itself is refused.
        public static let known: Set<Layout> = [.plain, .int8Rows, .int4Rows]
    }

    public let name: String
    public let dtype: DType
    public let shape: Shape
    public let layout: Layout
    /// Bytes of the tensor in its layout.
    public let byteCount: Int
    /// Of the tensor's bytes in its layout; it does not depend on how they are compressed.
    public let digest: Digest
    /// Bytes of every chunk before encoding, except the last one, which takes the rest.
    let chunkByteCount: Int
    let chunks: [Chunk]

    /// Bytes it takes in the file.
    public let storedByteCount: Int
    /// Nothing is compressed: the tensor can be used where it lies.
    public let isStored: Bool

    init(
        name: String, dtype: DType, shape: Shape, layout: Layout, byteCount: Int, digest: Digest, chunkByteCount: Int,
        chunks: [Chunk]
    ) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.layout = layout
        self.byteCount = byteCount
        self.digest = digest
        self.chunkByteCount = chunkByteCount
        self.chunks = chunks
        storedByteCount = chunks.reduce(0) { $0 + $1.range.count }
        isStored = chunks.allSatisfy { $0.encoding == .stored }
    }

    /// The part of the tensor's bytes that chunk `index` holds.
    func byteRange(ofChunk index: Int) -> Range<Int> {
        let start = index * chunkByteCount
        return start..<min(start + chunkByteCount, byteCount)
    }

    /// The chunks that hold a non-empty range of the tensor's bytes.
    func chunks(holding range: Range<Int>) -> Range<Int> {
        range.lowerBound / chunkByteCount..<(range.upperBound - 1) / chunkByteCount + 1
    }
}

extension TensorDescriptor.Layout: CustomStringConvertible {
    public var description: String { "\(name) \(version)" }
}

/// A piece of a tensor in the file, encoded and checked on its own.
struct Chunk: Sendable, Equatable {
    /// How many byte planes it is split into, each compressed on its own; none when it is stored as it is.
    struct Encoding: Sendable, Equatable {
        /// 0, or the size of an element.
        let planes: Int
        /// Elements are rotated left by one bit before they are split.
        let movesSign: Bool

        static let stored = Encoding(planes: 0, movesSign: false)

        private init(planes: Int, movesSign: Bool) {
            self.planes = planes
            self.movesSign = movesSign
        }

        init(planesOf dtype: DType) {
            self.init(planes: dtype.byteCount, movesSign: dtype.isFloatingPoint)
        }

        private static let signFlag: UInt8 = 0x10

        /// Its byte in the index.
        var tag: UInt8 { UInt8(planes) | (movesSign ? Self.signFlag : 0) }

        /// Nil for a byte that stands for none.
        init?(tag: UInt8) {
            let planes = Int(tag & ~Self.signFlag), movesSign = tag & Self.signFlag != 0
            guard [0, 1, 2, 4, 8].contains(planes), !movesSign || planes > 1 else { return nil }
            self.init(planes: planes, movesSign: movesSign)
        }
    }

    let encoding: Encoding
    /// Where the encoded bytes lie in the file.
    let range: Range<Int>
    /// XXH3-64 of the encoded bytes.
    let checksum: UInt64
}
