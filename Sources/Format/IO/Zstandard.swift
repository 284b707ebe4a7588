internal import CZstd

/// One-shot zstd frames, by libzstd.
enum Zstandard {
    static let levels = Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel())

    /// Bytes to set aside for compressing `count` bytes.
    static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    /// Compresses into `target`; the frame carries its content size and no checksum, which the chunk has.
    static func compress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, level: Int
    ) throws(DalleError) -> Int {
        let result = ZSTD_compress(target.baseAddress, target.count, source.baseAddress, source.count, Int32(level))
        guard ZSTD_isError(result) == 0 else {
            throw DalleError(.fault, "zstd cannot compress: \(String(cString: ZSTD_getErrorName(result)))")
        }
        return result
    }

    /// Decompresses exactly one frame that must fill `target`.
    ///
    /// - Throws: `badData` when the frame is damaged or of another size.
    static func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        guard ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count else {
            throw DalleError(.badData, "a compressed chunk is not one zstd frame")
        }
        let result = ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
        guard ZSTD_isError(result) == 0 else {
            throw DalleError(.badData, "zstd cannot decompress: \(String(cString: ZSTD_getErrorName(result)))")
        }
        guard result == target.count else {
            throw DalleError(.badData, "a chunk decompresses to \(result) bytes instead of \(target.count)")
        }
    }
}
