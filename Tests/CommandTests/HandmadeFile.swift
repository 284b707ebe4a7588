import Foundation

@testable import DalleFormat

/// A model file as nobody writes it, but anybody may: with right checksums.
struct HandmadeFile {
    struct Tensor {
        let name: String
        let dtype: DType
        let shape: Shape
        let chunkByteCount: Int
        let digest: Digest
        let chunks: [(encoding: Chunk.Encoding, bytes: [UInt8])]
    }

    var components: [Component] = []
    var tensors: [Tensor] = []

    /// Bytes that are all the same, in chunks of a size, each compressed to next to nothing.
    mutating func add(
        _ name: String, _ dtype: DType, _ shape: Shape, filledWith byte: UInt8, chunkByteCount: Int
    ) throws {
        let encoding = Chunk.Encoding(tag: 1) ?? .stored
        let codec = try ChunkCodec(chunkByteCount: chunkByteCount, encodes: true)
        var encoded: [Int: [UInt8]] = [:]
        let byteCount = shape.byteCount(dtype)
        let stream = DigestStream()
        let piece = [UInt8](repeating: byte, count: chunkByteCount)
        let chunks = try stride(from: 0, to: byteCount, by: chunkByteCount).map { start in
            let count = min(chunkByteCount, byteCount - start)
            let bytes = try piece[..<count].withUnsafeBytes { bytes in
                stream.update(bytes)
                if let bytes = encoded[count] { return bytes }
                return Array(try codec.encode(bytes, encoding, compression: .zstd(level: 3)).1)
            }
            encoded[count] = bytes
            return (encoding, bytes)
        }
        tensors.append(
            Tensor(
                name: name, dtype: dtype, shape: shape, chunkByteCount: chunkByteCount, digest: stream.digest,
                chunks: chunks))
    }

    /// Bytes that are stored, in chunks of a size.
    mutating func add(_ name: String, _ dtype: DType, _ shape: Shape, _ bytes: [UInt8], chunkByteCount: Int) {
        tensors.append(
            Tensor(
                name: name, dtype: dtype, shape: shape, chunkByteCount: chunkByteCount,
                digest: bytes.withUnsafeBytes { Digest(of: $0) },
                chunks: stride(from: 0, to: bytes.count, by: chunkByteCount).map {
                    (.stored, Array(bytes[$0..<min($0 + chunkByteCount, bytes.count)]))
                }))
    }

    func write(to path: String) throws {
        var bytes = [UInt8](repeating: 0, count: FileHead.byteCount)
        var descriptors: [TensorDescriptor] = []
        for tensor in tensors {
            let byteCount = tensor.shape.byteCount(tensor.dtype)
            if !tensor.chunks.isEmpty {
                let start = TensorDescriptor.alignedStart(after: bytes.count, byteCount: byteCount)
                bytes += [UInt8](repeating: 0, count: start - bytes.count)
            }
            var chunks: [Chunk] = []
            for chunk in tensor.chunks {
                let start = bytes.count
                bytes += chunk.bytes
                chunks.append(
                    Chunk(
                        encoding: chunk.encoding, range: start..<bytes.count,
                        checksum: chunk.bytes.withUnsafeBytes(Checksum.chunk)))
            }
            descriptors.append(
                TensorDescriptor(
                    name: tensor.name, dtype: tensor.dtype, shape: tensor.shape, layout: .plain, byteCount: byteCount,
                    digest: tensor.digest, chunkByteCount: tensor.chunkByteCount, chunks: chunks))
        }
        try Self.write(
            bytes, FileIndex(metadata: MetadataMap(), components: components, tensors: descriptors), to: path)
    }

    /// Writes a model file anew with another index.
    static func rewrite(_ path: String, to target: String, _ change: (inout FileIndex) -> Void) throws {
        let file = try ModelFile(path)
        var index = FileIndex(metadata: file.metadata, components: file.components, tensors: file.tensors)
        change(&index)
        let end = file.tensors.compactMap(\.chunks.last?.range.upperBound).max() ?? FileHead.byteCount
        try write(Array(try Data(contentsOf: URL(filePath: path)).prefix(end)), index, to: target)
    }

    private static func write(_ bytes: [UInt8], _ index: FileIndex, to path: String) throws {
        let coded = index.bytes
        var bytes = bytes
        let head = FileHead(index: bytes.count..<bytes.count + coded.count, root: Digest(of: coded))
        bytes.replaceSubrange(0..<FileHead.byteCount, with: head.bytes)
        try Data(bytes + coded).write(to: URL(filePath: path))
    }
}
