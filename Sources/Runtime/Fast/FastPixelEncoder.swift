import DalleFormat
import DalleKernels
import DalleModels

/// A VQGAN's encoder on the fast route.
final class FastPixelEncoder: PixelEncoder {
    private let context: ComputeContext
    private let layers: VQGANEncoderLayers<FastConvolution>
    private let memory = FastImageMemory()

    init(_ weights: VQGANWeights) throws(DalleError) {
        context = weights.tensor.context
        layers = try VQGANEncoderLayers(weights)
    }

    func vectors(
        _ pixels: FeatureMap, layerIsDone: (String, () -> Bool) -> Void
    ) throws(DalleError) -> FeatureMap {
        try memory.run(
            height: pixels.height, width: pixels.width, context,
            plan: { plan(height: pixels.height, width: pixels.width) },
            input: { _ = $0.update(fromContentsOf: pixels.pixels.values) }, layerIsDone: layerIsDone)
    }

    private func plan(height: Int, width: Int) -> FastImagePlan {
        var plan = FastImagePlan(height: height, width: width, channels: layers.input.inputs)
        plan.append(layers.input)
        for level in layers.levels {
            plan.append(level.stages)
            if let downsample = level.downsample { plan.append(downsample) }
        }
        plan.append(layers.middle)
        plan.append(layers.output, norm: layers.outputNorm)
        plan.append(layers.preQuantization)
        return plan
    }
}
