internal import CKernels

/// What happens to an image on its way into a convolution: a norm, swish, and maybe it becomes bytes.
public struct ConvolutionInput: Sendable {
    /// The norm as a factor and an offset for each channel.
    let norm: (factor: [Float], offset: [Float])?
    /// Whether numbers are then multiplied by their sigmoid.
    let swish: Bool

    public init(norm: (factor: [Float], offset: [Float])? = nil, swish: Bool = false) {
        self.norm = norm
        self.swish = swish
    }

    func withPreparation(
        _ plan: ConvolutionPlan, _ body: (UnsafePointer<ck_preparation>) -> Void
    ) {
        var preparation = ck_preparation(
            channels: plan.geometry.inputs, factor: nil, offset: nil, swish: swish ? 1 : 0,
            copies: plan.geometry.enlargement, block_stride: plan.blockStride)
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
