internal import CKernels

/// The keys and values of one attention layer, for some sequences and all heads.
///
/// Keys lie interleaved by blocks of 16 positions, values position by position; heads are padded to a width of 16.
public final class AttentionCache: @unchecked Sendable {
    public enum Precision: Sendable {
        /// For weights of whole numbers, whose own rounding is larger.
        case float16
        case float32

        var byteCount: Int { self == .float16 ? 2 : 4 }
    }

    public let precision: Precision
    public let sequences: Int
    public let heads: Int
    public let headWidth: Int
    /// Positions that there is room for.
    public let length: Int
    private let paddedWidth: Int
    private let paddedLength: Int
    private let keys: UnsafeMutableRawPointer
    private let values: UnsafeMutableRawPointer

    private static let block = Int(CK_KEY_BLOCK)

    public init(_ precision: Precision, sequences: Int, heads: Int, headWidth: Int, length: Int) {
        precondition(sequences > 0 && heads > 0 && headWidth > 0 && length > 0)
        self.sequences = sequences
        self.heads = heads
        self.headWidth = headWidth
        self.length = length
        paddedWidth = ActivationRows.padded(headWidth, to: Self.block)
        paddedLength = ActivationRows.padded(length, to: Self.block)
        self.precision = precision
        let count = sequences * heads * paddedLength * paddedWidth * precision.byteCount
        keys = .allocate(byteCount: count, alignment: 64)
        values = .allocate(byteCount: count, alignment: 64)
        // What is read before it is stored is thrown away, except for the padding of heads.
        if paddedWidth != headWidth { keys.initializeMemory(as: UInt8.self, repeating: 0, count: count) }
    }

    deinit {
        keys.deallocate()
        values.deallocate()
    }

    public static func byteCount(
        _ precision: Precision, sequences: Int, heads: Int, headWidth: Int, length: Int
    ) -> Int {
        2 * precision.byteCount * sequences * heads * ActivationRows.padded(length, to: block)
            * ActivationRows.padded(headWidth, to: block)
    }

    private func offset(_ sequence: Int, _ head: Int) -> Int {
        precondition((0..<sequences).contains(sequence) && (0..<heads).contains(head))
        return (sequence * heads + head) * paddedLength * paddedWidth
    }

    /// Keeps a head's key and value at a position: of a row, from a column on.
    public func store(
        keys newKeys: ActivationRows, values newValues: ActivationRows, row: Int, column: Int, sequence: Int, head: Int,
        position: Int, _ kernels: Kernels
    ) {
        precondition((0..<length).contains(position) && column >= 0)
        precondition(column + headWidth <= min(newKeys.columns, newValues.columns))
        guard let key = newKeys.row(row).baseAddress, let value = newValues.row(row).baseAddress else { return }
        let (first, block) = (offset(sequence, head), Self.block)
        let valuePlace = first + position * paddedWidth
        let keyPlace = first + position / block * block * paddedWidth + position % block
        switch precision {
        case .float32:
            let (keys, values) = (keys.assumingMemoryBound(to: Float.self), values.assumingMemoryBound(to: Float.self))
            (values + valuePlace).update(from: value + column, count: headWidth)
            for d in 0..<headWidth { keys[keyPlace + d * block] = key[column + d] }
        case .float16:
            let (keys, values) = (
                keys.assumingMemoryBound(to: UInt16.self), values.assumingMemoryBound(to: UInt16.self)
            )
            kernels.table.pointee.to_half(headWidth, value + column, values + valuePlace)
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: headWidth) { halves in
                guard let halves = halves.baseAddress else { return }
                kernels.table.pointee.to_half(headWidth, key + column, halves)
                for d in 0..<headWidth { keys[keyPlace + d * block] = halves[d] }
            }
        }
    }

    /// softmax(scale · q kᵀ + bias) v · gain over the first `positions`, for one head of a query: of a row, from a column
    /// on, into the same place of `answers`.
    ///
    /// - Parameters:
    ///   - scores: Room for those of each row and head, a row for each.
    ///   - bias: At least `positions` numbers.
    public func attend(
        queries: ActivationRows, scores: ActivationRows, answers: ActivationRows, row: Int, column: Int, sequence: Int,
        head: Int, positions: Int, scale: Float, gain: Float, bias: Span<Float>?, _ kernels: Kernels
    ) {
        precondition((1...length).contains(positions) && column >= 0 && bias?.count ?? positions >= positions)
        precondition(column + headWidth <= min(queries.columns, answers.columns) && scores.stride >= paddedLength)
        guard let query = queries.row(row).baseAddress, let answer = answers.row(row).baseAddress,
            let scores = scores.row(row * heads + head).baseAddress
        else { return }
        let start = offset(sequence, head) * precision.byteCount
        let isLast = sequence == sequences - 1 && head == heads - 1
        let next = isLast ? start : start + paddedLength * paddedWidth * precision.byteCount
        var attention = ck_attention(
            keys: keys + start, values: values + start, next_keys: keys + next,
            is_half: precision == .float16 ? 1 : 0, positions: positions, width: paddedWidth, scale: scale, gain: gain,
            bias: nil)
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
        if headWidth == paddedWidth {
            kernels.table.pointee.attend(attention, query, scores, answer)
            return
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * paddedWidth) { room in
            guard let padded = room.baseAddress else { return }
            padded.initialize(repeating: 0, count: paddedWidth)
            padded.update(from: query, count: headWidth)
            kernels.table.pointee.attend(attention, padded, scores, padded + paddedWidth)
            answer.update(from: padded + paddedWidth, count: headWidth)
        }
    }
}
