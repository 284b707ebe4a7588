internal import CKernels
public import DalleFormat

/// The key-value cache of one attention layer, for some sequences and all heads.
///
/// Keys are interleaved in blocks of 16 positions; values are stored by position, in int8 four positions together. Heads
/// are padded to a multiple of 16.
public final class AttentionCache: @unchecked Sendable {
    public enum Precision: Sendable {
        /// Int8 with a scale for each position's key and value: for int8 and int4 weights, whose own error is larger.
        case int8
        case float32

        fileprivate var byteCount: Int { self == .int8 ? 1 : 4 }
    }

    public let precision: Precision
    public let sequences: Int
    public let heads: Int
    public let headWidth: Int
    /// Maximum number of positions.
    public let length: Int
    private let paddedWidth: Int
    private let paddedLength: Int
    private let keyMemory: Memory<UInt8>
    private let valueMemory: Memory<UInt8>
    // For int8, `[sequences, heads, paddedLength]`.
    private let keyScaleMemory: Memory<Float>?
    private let valueScaleMemory: Memory<Float>?

    private var keys: UnsafeMutableRawPointer { UnsafeMutableRawPointer(keyMemory.base) }
    private var values: UnsafeMutableRawPointer { UnsafeMutableRawPointer(valueMemory.base) }
    private var keyScales: UnsafeMutablePointer<Float>? { keyScaleMemory?.base }
    private var valueScales: UnsafeMutablePointer<Float>? { valueScaleMemory?.base }

    private static let block = Int(CK_KEY_BLOCK)

    /// - Throws: `noMemory` when there is not so much.
    public init(
        _ precision: Precision, sequences: Int, heads: Int, headWidth: Int, length: Int
    ) throws(DalleError) {
        precondition(sequences > 0 && heads > 0 && headWidth > 0 && length > 0)
        self.sequences = sequences
        self.heads = heads
        self.headWidth = headWidth
        self.length = length
        paddedWidth = ActivationRows.padded(headWidth, to: Self.block)
        paddedLength = ActivationRows.padded(length, to: Self.block)
        self.precision = precision
        let positions = sequences * heads * paddedLength
        let count = positions * paddedWidth * precision.byteCount
        let purpose = "keys and values"
        // Positions that are not stored yet are masked; only the padding of heads must be zero.
        keyMemory =
            paddedWidth == headWidth
            ? try Memory(count, for: purpose) : try Memory(repeating: 0, count: count, for: purpose)
        valueMemory = try Memory(count, for: purpose)
        keyScaleMemory = precision == .int8 ? try Memory(positions, for: purpose) : nil
        valueScaleMemory = precision == .int8 ? try Memory(positions, for: purpose) : nil
    }

    public static func byteCount(
        _ precision: Precision, sequences: Int, heads: Int, headWidth: Int, length: Int
    ) -> Int {
        let scale = precision == .int8 ? MemoryLayout<Float>.size : 0
        return 2 * sequences * heads * ActivationRows.padded(length, to: block)
            * (precision.byteCount * ActivationRows.padded(headWidth, to: block) + scale)
    }

    /// The index of a head's first position among those of all heads.
    private func firstPosition(_ sequence: Int, _ head: Int) -> Int {
        precondition((0..<sequences).contains(sequence) && (0..<heads).contains(head))
        return (sequence * heads + head) * paddedLength
    }

    /// Stores a head's key and value at a position, from a row at a column.
    public func store(
        keys newKeys: ActivationRows, values newValues: ActivationRows, row: Int, column: Int, sequence: Int, head: Int,
        position: Int, _ kernels: Kernels
    ) {
        precondition((0..<length).contains(position) && column >= 0)
        precondition(column + headWidth <= min(newKeys.columns, newValues.columns))
        guard let key = newKeys.row(row).baseAddress, let value = newValues.row(row).baseAddress else { return }
        let first = firstPosition(sequence, head)
        switch precision {
        case .float32:
            let (keys, values) = (keys.assumingMemoryBound(to: Float.self), values.assumingMemoryBound(to: Float.self))
            (values + (first + position) * paddedWidth).update(from: value + column, count: headWidth)
            let place = (first + position / Self.block * Self.block) * paddedWidth + position % Self.block
            for d in 0..<headWidth { keys[place + d * Self.block] = key[column + d] }
        case .int8:
            guard let keyScales, let valueScales else { return }
            let groupOfKeys = (first + position / Self.block * Self.block) * paddedWidth + 4 * (position % Self.block)
            let groupOfValues = (first + position / 4 * 4) * paddedWidth + position % 4
            let (keys, values) = (keys.assumingMemoryBound(to: Int8.self), values.assumingMemoryBound(to: Int8.self))
            withUnsafeTemporaryAllocation(of: Int8.self, capacity: paddedWidth) { bytes in
                guard let bytes = bytes.baseAddress else { return }
                var sum: Int32 = 0
                kernels.table.pointee.quantize_activations(
                    headWidth, key + column, paddedWidth, bytes, keyScales + first + position, &sum)
                for d in 0..<paddedWidth { keys[groupOfKeys + d / 4 * 4 * Self.block + d % 4] = bytes[d] }
                kernels.table.pointee.quantize_activations(
                    headWidth, value + column, paddedWidth, bytes, valueScales + first + position, &sum)
                for d in 0..<paddedWidth { values[groupOfValues + 4 * d] = bytes[d] }
            }
        }
    }

    /// softmax(scale · q kᵀ + bias) v · outputScale over the first `positions`, for one head of a query: from a row at a
    /// column, into the same row and column of `answers`.
    ///
    /// - Parameters:
    ///   - scores: Scratch memory with a row for each row and head.
    ///   - bias: At least `positions` numbers.
    public func attend(
        queries: ActivationRows, scores: ActivationRows, answers: ActivationRows, row: Int, column: Int, sequence: Int,
        head: Int, positions: Int, scale: Float, outputScale: Float, bias: Span<Float>?, _ kernels: Kernels
    ) {
        precondition((1...length).contains(positions) && column >= 0 && bias?.count ?? positions >= positions)
        precondition(column + headWidth <= min(queries.columns, answers.columns) && scores.stride >= paddedLength)
        precondition(queries !== answers)
        guard let query = queries.row(row).baseAddress, let answer = answers.row(row).baseAddress,
            let scores = scores.row(row * heads + head).baseAddress
        else { return }
        let first = firstPosition(sequence, head)
        let start = first * paddedWidth * precision.byteCount
        let isLast = sequence == sequences - 1 && head == heads - 1
        let next = isLast ? start : start + paddedLength * paddedWidth * precision.byteCount
        var attention = ck_attention(
            keys: keys + start, values: values + start, next_keys: keys + next,
            key_scales: keyScales.map { UnsafePointer($0 + first) },
            value_scales: valueScales.map { UnsafePointer($0 + first) }, positions: positions, width: paddedWidth,
            scale: scale, output_scale: outputScale, bias: nil)
        if let bias {
            bias.withUnsafeBufferPointer {
                attention.bias = $0.baseAddress
                attend(attention, query + column, scores, answer + column, kernels)
            }
        } else {
            attend(attention, query + column, scores, answer + column, kernels)
        }
    }

    private func attend(
        _ attention: ck_attention, _ query: UnsafePointer<Float>, _ scores: UnsafeMutablePointer<Float>,
        _ answer: UnsafeMutablePointer<Float>, _ kernels: Kernels
    ) {
        let kernel = precision == .int8 ? kernels.table.pointee.attend_i8 : kernels.table.pointee.attend
        if headWidth == paddedWidth { return kernel(attention, query, scores, answer) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * paddedWidth) { room in
            guard let padded = room.baseAddress else { return }
            padded.initialize(repeating: 0, count: paddedWidth)
            padded.update(from: query, count: headWidth)
            kernel(attention, padded, scores, padded + paddedWidth)
            answer.update(from: padded + paddedWidth, count: headWidth)
        }
    }
}
