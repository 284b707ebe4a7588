/// What a model file's index says about one tensor.
public struct TensorDescriptor: Sendable, Equatable {
    /// How the elements of a tensor lie in its bytes.
    public enum Layout: String, CaseIterable, Sendable {
        /// Row-major, without padding.
        case plain
    }

    public let name: String
    public let dtype: DType
    public let shape: Shape
    public let layout: Layout
    /// Bytes of every chunk before encoding, except the last one, which takes the rest.
    let chunkByteCount: Int
    let chunks: [Chunk]

    /// Bytes of the tensor in its layout.
    public var byteCount: Int { shape.byteCount(dtype) }

    /// Bytes it takes in the file.
    public var storedByteCount: Int { chunks.reduce(0) { $0 + $1.range.count } }

    /// Nothing is compressed: the tensor can be used where it lies.
    public var isStored: Bool { chunks.allSatisfy { $0.encoding == .stored } }

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

/// A piece of a tensor in the file, encoded and checked on its own.
struct Chunk: Sendable, Equatable {
    enum Encoding: UInt8, Sendable {
        /// The bytes as they are.
        case stored = 0
        /// One zstd frame.
        case zstd = 1
        /// One zstd frame of the elements' first bytes, then of their second bytes, and so on.
        case planes = 2
    }

    let encoding: Encoding
    /// Where the encoded bytes lie in the file.
    let range: Range<Int>
    /// XXH3-64 of the encoded bytes.
    let checksum: UInt64
}
