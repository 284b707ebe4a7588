/// Encodes and decodes single chunks.
///
/// Holds working memory for chunks of a size.
final class ChunkCodec: @unchecked Sendable {
    // Used by one thread at a time: the pool that lends it out sees to that.

    /// An encoded chunk starts with the encoded length of each of its planes in this many bytes.
    private static let lengthByteCount = 4

    private let zstandard = Zstandard()
    private let planesMemory: Memory<UInt8>
    private let encodedMemory: Memory<UInt8>

    private var planes: UnsafeMutableRawBufferPointer { planesMemory.bytes }
    private var encoded: UnsafeMutableRawBufferPointer { encodedMemory.bytes }

    /// - Parameter encodes: Whether it is to encode at all; decoding needs less memory.
    /// - Throws: `noMemory` when there is not so much.
    init(chunkByteCount: Int, encodes: Bool) throws(DalleError) {
        planesMemory = try Memory(chunkByteCount, for: "a chunk of a file", returnsPages: true)
        // Eight planes take a few bytes more than one frame of all.
        encodedMemory = try Memory(
            encodes ? Zstandard.bound(chunkByteCount) + 1024 : 0, for: "a compressed chunk", returnsPages: true)
    }

    /// Chunks up to this size can be decoded.
    var chunkByteCount: Int { planes.count }

    /// Encodes `bytes`; the result lies in `bytes` itself or in memory of this object.
    func encode(
        _ bytes: UnsafeRawBufferPointer, _ encoding: Chunk.Encoding, compression: Compression
    ) throws(DalleError) -> (Chunk.Encoding, UnsafeRawBufferPointer) {
        guard case .zstd(let level) = compression, !bytes.isEmpty else { return (.stored, bytes) }
        BytePlanes.split(bytes, planes: encoding.planes, movesSign: encoding.movesSign, into: planes)
        let size = bytes.count / encoding.planes
        var end = encoding.planes * Self.lengthByteCount
        for number in 0..<encoding.planes {
            let plane = UnsafeRawBufferPointer(rebasing: planes[number * size..<(number + 1) * size])
            let length = try encode(plane: plane, level: level, at: end)
            encoded.storeBytes(
                of: UInt32(truncatingIfNeeded: length).littleEndian, toByteOffset: number * Self.lengthByteCount,
                as: UInt32.self)
            end += length
        }
        guard Double(end) < Compression.worthwhile * Double(bytes.count) else { return (.stored, bytes) }
        return (encoding, UnsafeRawBufferPointer(rebasing: encoded[..<end]))
    }

    /// Encodes one plane at a place of `encoded`.
    private func encode(plane: UnsafeRawBufferPointer, level: Int, at start: Int) throws(DalleError) -> Int {
        let target = UnsafeMutableRawBufferPointer(rebasing: encoded[start...])
        var length = try zstandard.compress(plane, into: target, .entropy)
        if Double(length) >= PlaneSample.incompressible * Double(plane.count) {
            target.copyMemory(from: plane)
            return plane.count
        }
        // Looking for repetition takes many times longer: a sample tells whether there is any.
        if try PlaneSample(plane).repeats(zstandard, level: level) {
            let other = try zstandard.compress(plane, into: target, .level(level))
            if other <= length { return other }
            length = try zstandard.compress(plane, into: target, .entropy)
        }
        return length
    }

    /// Decodes a chunk so that it fills `target`.
    func decode(
        _ encoded: UnsafeRawBufferPointer, _ encoding: Chunk.Encoding, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        guard encoding != .stored else {
            guard encoded.count == target.count else {
                throw DalleError(.badData, "a stored chunk of \(encoded.count) bytes instead of \(target.count)")
            }
            target.copyMemory(from: encoded)
            return
        }
        let size = target.count / encoding.planes
        var end = encoding.planes * Self.lengthByteCount
        guard target.count == size * encoding.planes, target.count <= planes.count, encoded.count >= end else {
            throw DalleError(
                .badData, "\(encoded.count) bytes encode \(target.count) in \(encoding.planes) planes")
        }
        var sources: [UnsafeRawPointer] = []
        for number in 0..<encoding.planes {
            let length = Int(
                UInt32(
                    littleEndian: encoded.loadUnaligned(
                        fromByteOffset: number * Self.lengthByteCount, as: UInt32.self)))
            guard length <= size, length <= encoded.count - end else {
                throw DalleError(.badData, "plane \(number) takes \(length) of \(encoded.count - end) bytes")
            }
            let plane = UnsafeRawBufferPointer(rebasing: encoded[end..<end + length])
            end += length
            if length == size {
                if let base = plane.baseAddress { sources.append(base) }
            } else {
                // A single plane needs no joining.
                let space =
                    encoding.planes == 1
                    ? target : UnsafeMutableRawBufferPointer(rebasing: planes[number * size..<(number + 1) * size])
                try zstandard.decompress(plane, into: space)
                if let base = space.baseAddress { sources.append(UnsafeRawPointer(base)) }
            }
        }
        guard end == encoded.count, sources.count == encoding.planes else {
            throw DalleError(.badData, "\(encoded.count - end) bytes follow the planes")
        }
        if encoding.planes > 1 {
            BytePlanes.join(sources, movesSign: encoding.movesSign, into: target)
        } else if sources[0] != target.baseAddress.map({ UnsafeRawPointer($0) }) {
            target.copyMemory(from: UnsafeRawBufferPointer(start: sources[0], count: size))
        }
    }
}

/// A few pieces of a plane, by which is decided how to compress it.
private struct PlaneSample {
    /// A frame that is not shorter than this share is not worth its decoding.
    static let incompressible = 0.985
    /// Repetition must save this share of a sample.
    private static let saving = 0.98
    private static let pieceByteCount = 4096
    private static let pieces = 4

    private let bytes: [UInt8]

    init(_ plane: UnsafeRawBufferPointer) {
        guard plane.count > Self.pieces * Self.pieceByteCount else {
            bytes = Array(plane)
            return
        }
        var bytes: [UInt8] = []
        for piece in 0..<Self.pieces {
            let start = (plane.count - Self.pieceByteCount) / (Self.pieces - 1) * piece
            bytes.append(contentsOf: plane[start..<start + Self.pieceByteCount])
        }
        self.bytes = bytes
    }

    /// Whether zstd's level shortens it clearly more than frequencies alone do.
    func repeats(_ zstandard: Zstandard, level: Int) throws(DalleError) -> Bool {
        try Memory<UInt8>.lend(Zstandard.bound(bytes.count), for: "a sample of a chunk") { space throws(DalleError) in
            let space = UnsafeMutableRawBufferPointer(space)
            return try bytes.span.bytes.withUnsafeBytes { bytes throws(DalleError) in
                let entropy = try zstandard.compress(bytes, into: space, .entropy)
                return Double(try zstandard.compress(bytes, into: space, .level(level)))
                    < Self.saving * Double(entropy)
            }
        }
    }
}
