internal import CZstd

/// One-shot zstd frames, by libzstd.
///
/// An object holds the library's working memory; it is used by one thread at a time.
final class Zstandard {
    static let levels = Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel())

    /// What a compressor looks for.
    enum Effort: Equatable {
        /// What zstd's level says.
        case level(Int)
        /// Frequent bytes, hardly any repetition: for numbers whose bytes are independent of each other, where repeated
        /// strings of three bytes are chance and cost more than they save.
        case entropy
    }

    private let compressor = ZSTD_createCCtx()
    private let decompressor = ZSTD_createDCtx()

    deinit {
        ZSTD_freeCCtx(compressor)
        ZSTD_freeDCtx(decompressor)
    }

    /// Bytes to set aside for compressing `count` bytes.
    static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    /// Compresses into `target`, which has room for `bound` of the source's bytes.
    ///
    /// The frame carries its content size and no checksum, which the chunk has.
    func compress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ effort: Effort
    ) throws(DalleError) -> Int {
        try set(effort)
        return try Self.checked(
            ZSTD_compress2(compressor, target.baseAddress, target.count, source.baseAddress, source.count))
    }

    private func set(_ effort: Effort) throws(DalleError) {
        ZSTD_CCtx_reset(compressor, ZSTD_reset_session_and_parameters)
        var parameters: [(ZSTD_cParameter, Int)]
        switch effort {
        case .level(let level): parameters = [(ZSTD_c_compressionLevel, level)]
        case .entropy:
            parameters = [
                (ZSTD_c_compressionLevel, 1), (ZSTD_c_strategy, Int(ZSTD_fast.rawValue)), (ZSTD_c_minMatch, 7),
                (ZSTD_c_hashLog, 6),
            ]
        }
        parameters.append((ZSTD_c_contentSizeFlag, 1))
        for (parameter, value) in parameters {
            _ = try Self.checked(ZSTD_CCtx_setParameter(compressor, parameter, Int32(value)))
        }
    }

    /// Decompresses exactly one frame that must fill `target`.
    ///
    /// - Throws: `badData` when the frame is damaged or of another size.
    func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        guard ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count else {
            throw DalleError(.badData, "a compressed chunk is not one zstd frame")
        }
        let result = ZSTD_decompressDCtx(
            decompressor, target.baseAddress, target.count, source.baseAddress, source.count)
        guard ZSTD_isError(result) == 0 else {
            try Self.requireMemory(result)
            throw DalleError(.badData, "zstd cannot decompress: \(String(cString: ZSTD_getErrorName(result)))")
        }
        guard result == target.count else {
            throw DalleError(.badData, "a chunk decompresses to \(result) bytes instead of \(target.count)")
        }
    }

    private static func requireMemory(_ result: Int) throws(DalleError) {
        if ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation { throw .noMemory(0, for: "zstd") }
    }

    private static func checked(_ result: Int) throws(DalleError) -> Int {
        guard ZSTD_isError(result) == 0 else {
            try requireMemory(result)
            throw DalleError(.fault, "zstd cannot compress: \(String(cString: ZSTD_getErrorName(result)))")
        }
        return result
    }
}
