import DalleFormat

/// Which tensors the integer schemes convert; the measurements behind it are in `docs/QUANTISATION.md`.
enum IntegerQuantizationPolicy {
    /// Smaller tensors would save nothing that matters.
    private static let smallCount = 4096

    static func unsupportedReason(_ tensor: TensorDescriptor) -> String? {
        if !tensor.dtype.isFloatingPoint { return "no floating-point numbers" }
        if tensor.shape.rank < 2 || tensor.shape.count == 0 { return "no matrix: a norm, a bias, a single number" }
        return nil
    }

    static func decision(
        _ tensor: TensorDescriptor, of component: Component?, _ scheme: some QuantizationScheme
    ) -> QuantizationDecision {
        if let reason = unsupportedReason(tensor) { return .keep(reason: reason) }
        if tensor.shape.count < smallCount { return .keep(reason: "small: \(tensor.shape.count) numbers") }
        let half = FloatCast.float16
        func inHalf(_ reason: String) -> QuantizationDecision {
            tensor.dtype.byteCount > 2 ? .convert(half, reason: reason) : .keep(reason: reason)
        }
        if tensor.name.hasSuffix(".position_bias") {
            return inHalf("a row would be all positions of an attention head")
        }
        // Cannot fail: the shape has rows.
        guard let packed = try? scheme.byteCount(tensor.shape), packed < half.byteCount(tensor.shape) else {
            return inHalf("rows so short that \(scheme.name) would save nothing")
        }
        return .convert(scheme, reason: tensor.shape.rank > 2 ? "kernel" : "matrix")
    }
}
