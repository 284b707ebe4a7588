import DalleFormat
import DalleKernels
import DalleModels

/// The memory of a plan, and what does its steps in it.
final class FeatureMapWorkspace: Sendable {
    let plan: FusedPlan
    private let slots: [Memory<Float>]
    private let workspace: ConvolutionWorkspace

    /// - Parameter threads: That do a convolution together.
    /// - Throws: `noMemory`.
    init(_ plan: FusedPlan, threads: Int) throws(DalleError) {
        self.plan = plan
        slots = try plan.slotCounts.map { count throws(DalleError) in try Memory(count, for: "a picture's features") }
        workspace = try ConvolutionWorkspace(plan.convolutions, tasks: threads)
    }

    /// Where the first step finds the image, and where the last step leaves it.
    var input: Pixels { pixels(plan.input) }
    var output: Pixels { pixels(plan.output) }

    private func pixels(_ buffer: FusedPlan.Buffer) -> Pixels {
        Pixels(
            slots[buffer.slot], height: buffer.size.height, width: buffer.size.width, channels: buffer.size.channels)
    }

    /// Does all steps, from `input` to `output`.
    ///
    /// - Parameter layerIsDone: as of `ConvExecutor`.
    func run(_ context: ComputeContext, layerIsDone: (String, () -> Bool) -> Void) {
        // Of each slot's feature map, if the step that wrote it leaves them.
        var statistics = [ChannelStatistics?](repeating: nil, count: slots.count)
        var name = ""
        for step in plan.steps {
            switch step {
            case .convolution(let step):
                statistics[step.target.slot] = run(step, statistics[step.source.slot], context)
                name = step.layer.settings.name
                layerIsDone(name) { pixels(step.target).isFinite }
            case .attention(let attention, let buffer, let scratch):
                let image = pixels(buffer)
                statistics[buffer.slot] = attention.run(
                    image.flat, statistics[buffer.slot], scratch: slots[scratch], isFused: plan.isFused, workspace,
                    context)
                name = attention.name
                layerIsDone(name) { image.isFinite }
            case .transform(let transforms, let source, let target):
                var image = pixels(source).featureMap
                for transform in transforms { image.apply(transform) }
                pixels(target).withNumbers { _ = $0.update(fromContentsOf: image.pixels.values) }
                statistics[target.slot] = nil
            case .add(let source, let target):
                let sum = pixels(target)
                pixels(source).withNumbers { numbers in
                    sum.withNumbers { sum in
                        for i in sum.indices { sum[i] += numbers[i] }
                    }
                }
                statistics[target.slot] = nil
                layerIsDone(name) { sum.isFinite }
            }
        }
    }

    private func run(
        _ step: FusedPlan.ConvolutionStep, _ statistics: ChannelStatistics?, _ context: ComputeContext
    ) -> ChannelStatistics {
        // The plan may see both as one row.
        let plan = step.plan
        let source = Pixels(
            slots[step.source.slot], height: plan.height, width: plan.width, channels: plan.geometry.inputs)
        let target = Pixels(
            slots[step.target.slot], height: plan.outputHeight, width: plan.outputWidth, channels: plan.geometry.outputs
        )
        let input = ConvolutionInput(
            norm: step.input.norm?.affine(statistics, of: source), swish: step.input.swish, isPositive: step.isPositive)
        return step.layer.run(
            plan, source, input, residual: step.addsTarget ? target : nil, relu: step.relu, into: target,
            isFused: self.plan.isFused, workspace, context)
    }
}

extension Pixels {
    /// A copy.
    var featureMap: FeatureMap {
        FeatureMap(
            height: height, width: width,
            pixels: Matrix(rows: count, columns: channels, values: withNumbers { Array($0) }))
    }
}
