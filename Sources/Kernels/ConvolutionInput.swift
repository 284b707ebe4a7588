internal import CKernels

/// What happens to an image on its way into a convolution: a norm, swish, and maybe it becomes bytes.
public struct ConvolutionInput: Sendable {
    /// The norm as a factor and an offset for each channel.
    let norm: (factor: [Float], offset: [Float])?
    /// Whether numbers are then multiplied by their sigmoid.
    let swish: Bool
    /// Whether no number is below zero, so that bytes need no sign.
    let isPositive: Bool

    public init(norm: (factor: [Float], offset: [Float])? = nil, swish: Bool = false, isPositive: Bool = false) {
        self.norm = norm
        self.swish = swish
        self.isPositive = isPositive
    }

    // A byte b stands for (b − zero) · scale + least.
    var zero: Int32 { swish || isPositive ? 0 : 128 }
    var least: Float { swish ? CK_SWISH_LEAST : 0 }

    func withPreparation(
        _ plan: ConvolutionPlan, _ body: (UnsafePointer<ck_preparation>) -> Void
    ) {
        var preparation = ck_preparation(
            channels: plan.geometry.inputs, row_below: plan.rowBelow, factor: nil, offset: nil, swish: swish ? 1 : 0,
            is_positive: isPositive ? 1 : 0, copies: plan.geometry.enlargement, block_stride: plan.blockStride)
        guard let norm else { return body(&preparation) }
        precondition(norm.factor.count == plan.geometry.inputs && norm.offset.count == plan.geometry.inputs)
        norm.factor.withUnsafeBufferPointer { factor in
            norm.offset.withUnsafeBufferPointer { offset in
                preparation.factor = factor.baseAddress
                preparation.offset = offset.baseAddress
                body(&preparation)
            }
        }
    }
}
