internal import CKernels

/// The input transform of a convolution: a norm, swish, and in int8 convolutions quantisation.
public struct ConvolutionInput: Sendable {
    /// The norm as a factor and an offset for each channel.
    let norm: (factor: [Float], offset: [Float])?
    /// Whether swish, x · sigmoid(x), follows.
    let swish: Bool
    /// Whether no number is negative, so that bytes are unsigned.
    let isPositive: Bool

    public init(norm: (factor: [Float], offset: [Float])? = nil, swish: Bool = false, isPositive: Bool = false) {
        self.norm = norm
        self.swish = swish
        self.isPositive = isPositive
    }

    // A byte b represents (b − zero) · scale + minimum.
    var zero: Int32 { swish || isPositive ? 0 : 128 }
    var minimum: Float { swish ? CK_SWISH_MINIMUM : 0 }

    func withPreparation(
        _ plan: ConvolutionPlan, _ body: (UnsafePointer<ck_input_transform>) -> Void
    ) {
        var preparation = ck_input_transform(
            channels: plan.geometry.inputs, row_below: plan.rowBelow, factor: nil, offset: nil, swish: swish ? 1 : 0,
            is_nonnegative: isPositive ? 1 : 0, copies: plan.geometry.upsampling, block_stride: plan.blockStride)
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
