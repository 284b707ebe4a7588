import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// The memory of a plan.
final class FastImageRoom: Sendable {
    let plan: FastImagePlan
    let image: Memory<Float>
    let hidden: Memory<Float>
    let workspace: ConvolutionWorkspace

    /// - Parameter threads: That do a convolution together.
    init(_ plan: FastImagePlan, threads: Int) throws(DalleError) {
        self.plan = plan
        image = try Memory(plan.imageCount, for: "a picture's features")
        hidden = try Memory(plan.hiddenCount, for: "a picture's features")
        workspace = try ConvolutionWorkspace(plan.convolutions, tasks: threads)
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

    private func memory(_ place: FastImagePlan.Place) -> Memory<Float> { place == .image ? image : hidden }
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
    /// - Throws: `noMemory`.
    func run(
        height: Int, width: Int, _ context: ComputeContext, plan: () -> FastImagePlan,
        input: (UnsafeMutableBufferPointer<Float>) -> Void,
        layerIsDone: (String, () -> Bool) -> Void = { _, _ in }
    ) throws(DalleError) -> FeatureMap {
        let room =
            if let kept = take(height: height, width: width) { kept } else {
                try FastImageRoom(plan(), threads: context.pool.threads)
            }
        room.input.withNumbers(input)
        room.run(context, layerIsDone: layerIsDone)
        let output = room.output
        // Some more than once, on the way to a picture of bytes.
        try SystemMemory.requireFloats(2 * output.count * output.channels, for: "a picture")
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
