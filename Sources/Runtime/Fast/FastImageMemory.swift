import DalleFormat
import DalleKernels
import DalleThreads

/// The memory of a plan.
final class FastImageRoom: Sendable {
    let plan: FastImagePlan
    let image: PixelMemory
    let hidden: PixelMemory
    let workspace: ConvolutionWorkspace

    init(_ plan: FastImagePlan) {
        self.plan = plan
        image = PixelMemory(count: plan.imageCount)
        hidden = PixelMemory(count: plan.hiddenCount)
        workspace = ConvolutionWorkspace(plan.convolutions)
    }

    /// Where the first step finds the image.
    var input: Pixels {
        Pixels(image, height: plan.size.height, width: plan.size.width, channels: plan.size.channels)
    }

    /// Where the last step leaves it.
    var output: Pixels { Pixels(image, height: plan.height, width: plan.width, channels: plan.channels) }

    /// Does all steps, from `input` to `output`.
    ///
    /// - Parameter layerIsDone: called after each with its layer's name and a way to know whether its results are finite.
    func run(_ context: ComputeContext, layerIsDone: (String, () -> Bool) -> Void) {
        // What is known about the images, once a convolution has written them.
        var image: ChannelStatistics?
        var hidden: ChannelStatistics?
        for step in plan.steps {
            switch step {
            case .attention(let attention):
                image = attention.run(self, image, context)
                layerIsDone(attention.name) { attention.image(in: self).isFinite }
            case .convolution(let step):
                let found = run(step, step.from == .image ? image : hidden, context)
                if step.to == .image { image = found } else { hidden = found }
                layerIsDone(step.layer.name) { target(of: step).isFinite }
            }
        }
    }

    private func run(
        _ step: FastImagePlan.ConvolutionStep, _ known: ChannelStatistics?, _ context: ComputeContext
    ) -> ChannelStatistics {
        let plan = step.plan
        let source = Pixels(
            memory(step.from), height: plan.height, width: plan.width, channels: plan.geometry.inputs)
        let target = target(of: step)
        let input = ConvolutionInput(
            norm: step.norm?.affine(known, pixels: source.count), swish: step.norm != nil, isPositive: step.isPositive)
        return step.layer.run(
            plan, source, input, residual: step.addsImage ? target : nil, isRectified: step.isRectified, into: target,
            isFused: self.plan.isFused, workspace, context)
    }

    private func target(of step: FastImagePlan.ConvolutionStep) -> Pixels {
        let plan = step.plan
        return Pixels(
            memory(step.to), height: plan.outputHeight, width: plan.outputWidth, channels: plan.geometry.outputs)
    }

    private func memory(_ place: FastImagePlan.Place) -> PixelMemory { place == .image ? image : hidden }
}

/// Keeps the memory of the last picture for the next one, if that has its size.
final class FastImageMemory: Sendable {
    private let kept = Monitor<FastImageRoom?>(nil)

    /// Does a plan's steps.
    ///
    /// - Parameters:
    ///   - plan: is asked for when the size is a new one.
    ///   - input: writes what goes in, `[height, width, channels]`.
    ///   - layerIsDone: called after each step with its layer's name and a way to know whether its results are finite.
    func run(
        height: Int, width: Int, _ context: ComputeContext, plan: () -> FastImagePlan,
        input: (UnsafeMutableBufferPointer<Float>) -> Void,
        layerIsDone: (String, () -> Bool) -> Void = { _, _ in }
    ) -> FeatureMap {
        let room = take(height: height, width: width) ?? FastImageRoom(plan())
        room.input.withNumbers(input)
        room.run(context, layerIsDone: layerIsDone)
        let output = room.output
        let pixels = Matrix(rows: output.count, columns: output.channels, values: output.withNumbers { Array($0) })
        kept.withLock { $0 = room }
        return FeatureMap(height: output.height, width: output.width, pixels: pixels)
    }

    private func take(height: Int, width: Int) -> FastImageRoom? {
        kept.withLock { kept in
            defer { kept = nil }
            guard let room = kept, room.plan.size.height == height, room.plan.size.width == width else { return nil }
            return room
        }
    }
}
