/// How a tensor's chunks are encoded when a file is written.
public enum Compression: Sendable, Equatable {
    case none
    /// zstd at a level, each chunk with or without byte planes, or left as it is when that saves too little.
    case zstd(level: Int)

    /// A chunk that shrinks less is stored: it can then be used in place.
    static let worthwhile = 0.97
}

/// Encodes and decodes single chunks.
enum ChunkCodec {
    /// Working memory of one encoder.
    struct Scratch: ~Copyable {
        let planes: UnsafeMutableRawBufferPointer
        let encoded: UnsafeMutableRawBufferPointer

        init(chunkByteCount: Int) {
            planes = .allocate(byteCount: chunkByteCount, alignment: 64)
            encoded = .allocate(byteCount: Zstandard.bound(chunkByteCount), alignment: 64)
        }

        deinit {
            planes.deallocate()
            encoded.deallocate()
        }
    }

    /// Encodes `bytes`; the result lies in `bytes` itself or in `scratch`.
    static func encode(
        _ bytes: UnsafeRawBufferPointer, elementSize: Int, compression: Compression, scratch: borrowing Scratch
    ) throws(DalleError) -> (Chunk.Encoding, UnsafeRawBufferPointer) {
        guard case .zstd(let level) = compression, !bytes.isEmpty else { return (.stored, bytes) }
        let encoding: Chunk.Encoding
        let source: UnsafeRawBufferPointer
        if elementSize > 1 {
            let planes = UnsafeMutableRawBufferPointer(rebasing: scratch.planes[..<bytes.count])
            BytePlanes.split(bytes, elementSize: elementSize, into: planes)
            (encoding, source) = (.planes, UnsafeRawBufferPointer(planes))
        } else {
            (encoding, source) = (.zstd, bytes)
        }
        let count = try Zstandard.compress(source, into: scratch.encoded, level: level)
        guard Double(count) < Compression.worthwhile * Double(bytes.count) else { return (.stored, bytes) }
        return (encoding, UnsafeRawBufferPointer(rebasing: scratch.encoded[..<count]))
    }

    /// Decodes a chunk so that it fills `target`.
    static func decode(
        _ encoded: UnsafeRawBufferPointer, _ encoding: Chunk.Encoding, elementSize: Int,
        into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        switch encoding {
        case .stored:
            guard encoded.count == target.count else {
                throw DalleError(.badData, "a stored chunk of \(encoded.count) bytes instead of \(target.count)")
            }
            target.copyMemory(from: encoded)
        case .zstd:
            try Zstandard.decompress(encoded, into: target)
        case .planes:
            let planes = UnsafeMutableRawBufferPointer.allocate(byteCount: target.count, alignment: 64)
            defer { planes.deallocate() }
            try Zstandard.decompress(encoded, into: planes)
            BytePlanes.join(UnsafeRawBufferPointer(planes), elementSize: elementSize, into: target)
        }
    }
}

/// Separating elements into their bytes: the sign and exponent bytes of floats repeat much more than the others.
enum BytePlanes {
    static func split(_ bytes: UnsafeRawBufferPointer, elementSize: Int, into planes: UnsafeMutableRawBufferPointer) {
        let count = bytes.count / elementSize
        for plane in 0..<elementSize {
            for i in 0..<count { planes[plane &* count &+ i] = bytes[i &* elementSize &+ plane] }
        }
    }

    static func join(_ planes: UnsafeRawBufferPointer, elementSize: Int, into bytes: UnsafeMutableRawBufferPointer) {
        let count = bytes.count / elementSize
        for plane in 0..<elementSize {
            for i in 0..<count { bytes[i &* elementSize &+ plane] = planes[plane &* count &+ i] }
        }
    }
}
