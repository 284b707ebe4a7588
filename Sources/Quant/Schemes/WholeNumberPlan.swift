import DalleFormat

/// What the schemes of whole numbers do with each tensor; the measurements are in `docs/QUANTISATION.md`.
enum WholeNumberPlan {
    /// Tensors of fewer numbers save nothing that matters.
    private static let smallCount = 4096

    static func obstacle(_ tensor: TensorDescriptor) -> String? {
        if !tensor.dtype.isFloatingPoint { return "no floating-point numbers" }
        if tensor.shape.rank < 2 || tensor.shape.count == 0 { return "no matrix: a norm, a bias, a single number" }
        return nil
    }

    static func decision(
        _ tensor: TensorDescriptor, of component: Component?, _ scheme: some QuantizationScheme
    ) -> QuantizationDecision {
        if let obstacle = obstacle(tensor) { return .stay(reason: obstacle) }
        if tensor.shape.count < smallCount { return .stay(reason: "small: \(tensor.shape.count) numbers") }
        let half = FloatCast.float16
        func inHalf(_ reason: String) -> QuantizationDecision {
            tensor.dtype.byteCount > 2 ? .convert(half, reason: reason) : .stay(reason: reason)
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
