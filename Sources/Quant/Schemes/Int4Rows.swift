public import DalleFormat
import DalleModels

/// 4-bit numbers with a multiplier for each 16 and a scale for each row.
public struct Int4Rows: QuantizationScheme {
    public static let standard = Int4Rows()

    public let name = "int4"
    public let option = "int4"
    public let summary = "4-bit numbers, 4 bits more for each 16: a seventh of float32; 8 bits where 4 do not hold."

    public func obstacle(_ tensor: TensorDescriptor) -> String? { WholeNumberPlan.obstacle(tensor) }

    public func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision {
        let decision = WholeNumberPlan.decision(tensor, of: component, self)
        guard case .convert(is Self, let reason) = decision, component?.kind == .vqgan else {
            return decision
        }
        // Small beside the rest of a model, and every pixel shows it.
        return .convert(Int8Rows.standard, reason: "\(reason); 4 bits would bring the pixels under 40 dB")
    }

    public func byteCount(_ shape: Shape) throws(DalleError) -> Int { try PackedRows(.int4, shape).byteCount }

    public func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
    ) throws(DalleError) -> ConvertedTensor {
        ConvertedTensor(try PackedTensor(source, Int4RowCodec(weights: weights)))
    }

    /// 17 dB; numbers from a normal distribution reach 20.
    public var leastRatio: (ratio: Double, otherwise: any QuantizationScheme)? { (50, Int8Rows.standard) }
}
