public import DalleFormat

/// Rounds every floating-point number to another floating-point type.
public struct FloatCast: QuantizationScheme {
    private let dtype: DType
    public let option: String
    public let summary: String

    public static let float32 = FloatCast(dtype: .float32, option: "fp32", summary: "Widen to float32.")
    public static let float16 = FloatCast(
        dtype: .float16, option: "fp16",
        summary: "Round to float16: half the size of float32, what the released models were saved in.")
    public static let bfloat16 = FloatCast(
        dtype: .bfloat16, option: "bf16", summary: "Round to bfloat16: float32's range with 8 bits of precision.")

    public var name: String { dtype.rawValue }

    public func obstacle(_ tensor: TensorDescriptor) -> String? {
        tensor.dtype.isFloatingPoint ? nil : "no floating-point numbers"
    }

    public func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision {
        if let obstacle = obstacle(tensor) { return .stay(reason: obstacle) }
        guard tensor.dtype.byteCount > dtype.byteCount else {
            return .stay(reason: "\(tensor.dtype.rawValue) takes no more than \(name)")
        }
        return .convert(self, reason: "floating-point numbers")
    }

    public func byteCount(_ shape: Shape) -> Int { shape.byteCount(dtype) }

    public func convert(_ source: any TensorSource, threads: Int) throws(DalleError) -> ConvertedTensor {
        let rows = RowReader(source)
        let columns = rows.columns, dtype = dtype
        let errors = try rows.map(threads: threads) { first, values throws(DalleError) in
            var errors: [RowError] = []
            for number in 0..<(columns == 0 ? 0 : values.count / columns) {
                let row = UnsafeBufferPointer(rebasing: values[number * columns..<(number + 1) * columns])
                do throws(DalleError) {
                    try RowReader.requireFinite(row)
                    let restored = try Self.rounded(row, dtype)
                    errors.append(restored.withUnsafeBufferPointer { RowError(row, $0) })
                } catch {
                    throw RowReader.locate(error, row: first + number)
                }
            }
            return errors
        }
        return ConvertedTensor(
            source: .plain(try CastSource(source, to: dtype)), error: TensorError(rows: errors.flatMap(\.self)))
    }

    /// Numbers as they come back from the type.
    private static func rounded(
        _ row: UnsafeBufferPointer<Float>, _ dtype: DType
    ) throws(DalleError) -> [Float] {
        var restored = [Float](repeating: 0, count: row.count)
        var bytes = [UInt8](repeating: 0, count: row.count * dtype.byteCount)
        var space = bytes.mutableSpan
        var encoded = space.mutableBytes
        try dtype.encodeFloats(row.span, into: &encoded)
        var decoded = restored.mutableSpan
        try dtype.decodeFloats(bytes.span.bytes, into: &decoded)
        let isFinite = restored.withUnsafeBufferPointer { $0.isFinite }
        guard isFinite else {
            let value = row.max { abs($0) < abs($1) } ?? 0
            throw DalleError(
                .badData, "holds \(value), over the largest \(dtype.rawValue)",
                remedy: "Use --bf16, or --keep REGEX to leave the tensor as it is")
        }
        return restored
    }
}
