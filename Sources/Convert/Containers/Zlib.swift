internal import CZlib
import DalleFormat

/// CRC-32, deflate streams and gzip files, by zlib.
enum Zlib {
    /// A byte of deflate's densest code stands for at most this many.
    static let maximumRatio = 1032

    /// - Parameter previous: the CRC-32 of the bytes before these.
    static func crc32(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
        // Without bytes zlib would start anew.
        guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return previous }
        return UInt32(truncatingIfNeeded: crc32_z(uLong(previous), base, bytes.count))
    }

    /// What stands around deflated data, as zlib is told: nothing, as inside zip archives, or gzip's head and trailer.
    enum Framing: Int32 {
        case none = -15
        case gzip = 31
    }

    static func isGzip(_ bytes: Span<UInt8>) -> Bool { bytes.count > 18 && bytes[0] == 0x1F && bytes[1] == 0x8B }

    /// The content of a gzip file of one member.
    ///
    /// - Throws: `badData` when it is damaged or says that it has more than `limit` bytes.
    static func gunzip(_ bytes: Span<UInt8>, atMost limit: Int) throws(DalleError) -> [UInt8] {
        var trailer = ByteReader(bytes.extracting((bytes.count - 4)...))
        let count = Int(try trailer.littleEndian(UInt32.self))
        let possible = min(limit, bytes.count.multipliedReportingOverflow(by: maximumRatio).partialValue)
        guard count <= possible else {
            throw DalleError(.badData, "says it decompresses to \(count) bytes, expected at most \(possible)")
        }
        try SystemMemory.require(count, for: "what a gzip file decompresses to")
        var content = [UInt8](repeating: 0, count: count)
        var target = content.mutableSpan
        try target.withUnsafeMutableBytes { target throws(DalleError) in
            try bytes.bytes.withUnsafeBytes { source throws(DalleError) in
                try inflate(source, into: target, framing: .gzip)
            }
        }
        return content
    }

    /// Decompresses one deflate stream, which must fill `target` exactly and end with `source`.
    ///
    /// - Throws: `badData` when the stream is damaged or of another size.
    static func inflate(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, framing: Framing = .none
    ) throws(DalleError) {
        var written = 0
        try inflate(source, count: target.count, framing: framing, through: target) { part throws(DalleError) in
            written += part.count
            return UnsafeMutableRawBufferPointer(rebasing: target[written...])
        }
    }

    /// Decompresses one deflate stream, which must have `count` bytes and end with `source`, part by part.
    ///
    /// - Parameters:
    ///   - buffer: where the first part goes.
    ///   - take: is given each part and says where the next one goes.
    /// - Throws: `badData` when the stream is damaged or of another size; what `take` throws.
    static func inflate(
        _ source: UnsafeRawBufferPointer, count: Int, framing: Framing = .none,
        through buffer: UnsafeMutableRawBufferPointer,
        _ take: (UnsafeRawBufferPointer) throws(DalleError) -> UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        var stream = z_stream()
        let start = inflateInit2_(&stream, framing.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard start == Z_OK else {
            throw start == Z_MEM_ERROR ? .noMemory(0, for: "zlib") : DalleError(.fault, "zlib cannot start")
        }
        defer { inflateEnd(&stream) }
        // zlib counts in 32 bits: larger buffers are handed over in parts.
        let part = 1 << 30
        var (read, written) = (0, 0)
        var buffer = buffer
        var status = Z_OK
        while status == Z_OK {
            let input = source[read..<min(read + part, source.count)]
            let output = buffer.prefix(min(part, count - written))
            stream.next_in = UnsafeMutablePointer(
                mutating: UnsafeRawBufferPointer(rebasing: input).bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(input.count)
            stream.next_out = UnsafeMutableRawBufferPointer(rebasing: output).bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(output.count)
            status = CZlib.inflate(&stream, Z_NO_FLUSH)
            read += input.count - Int(stream.avail_in)
            let made = output.count - Int(stream.avail_out)
            written += made
            if made > 0 { buffer = try take(UnsafeRawBufferPointer(rebasing: buffer[..<made])) }
        }
        // The window is allocated with the first output.
        guard status != Z_MEM_ERROR else { throw .noMemory(0, for: "zlib") }
        guard status == Z_STREAM_END, read == source.count, written == count else {
            throw DalleError(
                .badData, "compressed data is damaged after \(written) of \(count) bytes",
                remedy: "The file is damaged: get it again")
        }
    }
}
