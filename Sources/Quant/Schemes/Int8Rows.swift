public import DalleFormat

/// Symmetric 8-bit numbers with a scale for each row: an output of a dense layer, an output channel of a convolution,
/// a token of an embedding.
public struct Int8Rows: QuantizationScheme {
    public static let standard = Int8Rows()

    public let name = "int8"
    public let option = "int8"
    public let summary = "8-bit numbers, a scale for each row: a quarter of float32. What is sensitive stays longer."

    public func obstacle(_ tensor: TensorDescriptor) -> String? { WholeNumberPlan.obstacle(tensor) }

    public func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision {
        WholeNumberPlan.decision(tensor, of: component, self)
    }

    public func byteCount(_ shape: Shape) throws(DalleError) -> Int { try PackedRows(.int8, shape).byteCount }

    public func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
    ) throws(DalleError) -> ConvertedTensor {
        ConvertedTensor(try PackedTensor(source, Int8RowCodec()))
    }

    /// 30 dB: a few numbers of a row are so much larger than the others that these have few steps left.
    public var leastRatio: (ratio: Double, otherwise: any QuantizationScheme)? { (1000, FloatCast.float16) }
}
