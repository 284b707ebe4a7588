public import DalleFormat

/// A way to write weights in fewer bits.
public protocol QuantizationScheme: Sendable {
    /// What the command's option and the file's provenance call it.
    var name: String { get }

    /// The type a tensor gets; nil leaves it as it is.
    func target(_ tensor: TensorDescriptor) -> DType?
}

/// Rounds every floating-point number to a shorter type.
public struct FloatCast: QuantizationScheme {
    private let dtype: DType

    public static let float16 = FloatCast(dtype: .float16)
    public static let bfloat16 = FloatCast(dtype: .bfloat16)

    public var name: String { dtype.rawValue }

    public func target(_ tensor: TensorDescriptor) -> DType? {
        tensor.dtype.isFloatingPoint && tensor.dtype.byteCount > dtype.byteCount ? dtype : nil
    }
}
