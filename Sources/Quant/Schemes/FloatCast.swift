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

    public func convert(
        _ source: any TensorSource, weights: [Float]?, threads: Int, progress: (Double) -> Void
    ) throws(DalleError) -> ConvertedTensor {
        let rows = RowReader(source)
        let dtype = dtype
        let size = rows.columns * dtype.byteCount
        let kept = KeptBytes(rows.rows * size)
        let errors = try rows.map(threads: threads, progress: progress) { row throws(DalleError) in
            guard let kept else {
                let space = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
                defer { space.deallocate() }
                return try Self.round(row, dtype, into: space)
            }
            return try Self.round(row, dtype, into: kept[row.index * size..<(row.index + 1) * size])
        }
        let converted: any TensorSource =
            if let kept { KeptSource(dtype: dtype, shape: source.shape, bytes: kept) } else {
                try CastSource(source, to: dtype)
            }
        return ConvertedTensor(source: .plain(converted), error: TensorError(rows: errors))
    }

    /// Writes a row in the type, and measures what a reader will find.
    private static func round(
        _ row: RowReader.Row, _ dtype: DType, into bytes: UnsafeMutableRawBufferPointer
    ) throws(DalleError) -> RowError {
        var encoded = bytes.mutableBytes
        try dtype.encodeFloats(row.values.span, into: &encoded)
        var decoded = row.spare.mutableSpan
        try dtype.decodeFloats(UnsafeRawBufferPointer(bytes).bytes, into: &decoded)
        let restored = UnsafeBufferPointer(row.spare)
        guard restored.isFinite else {
            let value = row.values.max { abs($0) < abs($1) } ?? 0
            throw DalleError(
                .badData, "holds \(value), over the largest \(dtype.rawValue)",
                remedy: "Use --bf16, or --keep REGEX to leave the tensor as it is")
        }
        return RowError(row.values, restored)
    }
}
