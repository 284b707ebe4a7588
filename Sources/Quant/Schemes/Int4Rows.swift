public import DalleFormat
import DalleModels

/// 4-bit integers with a multiplier per group of 16 and a scale per row.
public struct Int4Rows: QuantizationScheme {
    public static let standard = Int4Rows()

    public let name = "int4"
    public let option = "int4"
    public let summary = "4-bit numbers, 4 bits more for each 16: a seventh of float32; 8 bits where 4 do not hold."

    public func unsupportedReason(_ tensor: TensorDescriptor) -> String? {
        IntegerQuantizationPolicy.unsupportedReason(tensor)
    }

    public func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision {
        let decision = IntegerQuantizationPolicy.decision(tensor, of: component, self)
        guard case .convert(is Self, let reason) = decision, component?.kind == .vqgan else {
            return decision
        }
        // The VQGAN is small beside the rest of a model, and every pixel shows its error.
        return .convert(Int8Rows.standard, reason: "\(reason); 4 bits would bring the pixels under 40 dB")
    }

    public func byteCount(_ shape: Shape) throws(DalleError) -> Int { try PackedRows(.int4, shape).byteCount }

    public func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
    ) throws(DalleError) -> ConvertedTensor {
        ConvertedTensor(try PackedTensor(source, Int4RowCodec(weights: weights)))
    }

    /// 17 dB; numbers from a normal distribution reach 20.
    public var minimumRatio: (ratio: Double, otherwise: any QuantizationScheme)? { (50, Int8Rows.standard) }
}
