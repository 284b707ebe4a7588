internal import CKernels

/// Matrix products of activations with activations, as 1 x 1 convolutions whose weights are pixels too.
extension Kernels {
    /// Takes pixels for weights: output p is the product with pixel p, `plan.packingCount` parts in all.
    public func pack(_ plan: ConvolutionPlan, part: Int, pixels x: Pixels, _ workspace: ConvolutionWorkspace) {
        precondition((0..<plan.packingCount).contains(part) && plan.numbers == .floats && plan.taps == 1)
        precondition(x.count == plan.geometry.outputs && x.channels == plan.geometry.inputs)
        workspace.require(plan)
        let first = part * Int(CK_PANEL)
        table.pointee.pack_weights_f32(
            min(x.count - first, Int(CK_PANEL)), 1, x.channels, x.base + first * x.channels, x.channels,
            workspace.panel(part, of: plan))
    }

    /// Takes channels for weights: output c is the sum of all pixels' channel c, each times a number of the input.
    public func pack(_ plan: ConvolutionPlan, part: Int, channels x: Pixels, _ workspace: ConvolutionWorkspace) {
        precondition((0..<plan.packingCount).contains(part) && plan.numbers == .floats && plan.taps == 1)
        precondition(x.count == plan.geometry.inputs && x.channels == plan.geometry.outputs)
        workspace.require(plan)
        let first = part * Int(CK_PANEL)
        table.pointee.pack_columns(
            min(x.channels - first, Int(CK_PANEL)), x.count, x.base + first, x.channels, workspace.panel(part, of: plan)
        )
    }

    /// softmax(scale · x) over the channels of a pixel, in place.
    public func softmax(_ x: Pixels, pixel: Int, scale: Float) {
        precondition((0..<x.count).contains(pixel))
        table.pointee.softmax(x.channels, x.base + pixel * x.channels, scale)
    }
}
