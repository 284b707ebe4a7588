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

    public func unsupportedReason(_ tensor: TensorDescriptor) -> String? {
        tensor.dtype.isFloatingPoint ? nil : "no floating-point numbers"
    }

    public func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision {
        if let reason = unsupportedReason(tensor) { return .keep(reason: reason) }
        guard tensor.dtype.byteCount > dtype.byteCount else {
            return .keep(reason: "\(tensor.dtype.rawValue) takes no more than \(name)")
        }
        return .convert(self, reason: "floating-point numbers")
    }

    public func byteCount(_ shape: Shape) -> Int { shape.byteCount(dtype) }

    public func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
    ) -> ConvertedTensor {
        ConvertedTensor(RoundedTensor(source, to: dtype, allowsNonFinite: allowsNonFinite))
    }
}
