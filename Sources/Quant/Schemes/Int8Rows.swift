public import DalleFormat

/// Symmetric 8-bit integers with a scale per row: an output of a dense layer, an output channel of a convolution, a token
/// of an embedding.
public struct Int8Rows: QuantizationScheme {
    public static let standard = Int8Rows()

    public let name = "int8"
    public let option = "int8"
    public let summary = "8-bit numbers, a scale for each row: a quarter of float32. What is sensitive stays longer."

    public func unsupportedReason(_ tensor: TensorDescriptor) -> String? {
        IntegerQuantizationPolicy.unsupportedReason(tensor)
    }

    public func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision {
        IntegerQuantizationPolicy.decision(tensor, of: component, self)
    }

    public func byteCount(_ shape: Shape) throws(DalleError) -> Int { try PackedRows(.int8, shape).byteCount }

    public func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
    ) throws(DalleError) -> ConvertedTensor {
        ConvertedTensor(try PackedTensor(source, Int8RowCodec()))
    }

    /// 30 dB: below it, a few outliers leave the row's other numbers only a few quantisation steps.
    public var minimumRatio: (ratio: Double, otherwise: any QuantizationScheme)? { (1000, FloatCast.float16) }
}
