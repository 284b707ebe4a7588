import DalleFormat
import DalleKernels
import DalleModels

/// A VQGAN's decoder on the fast route.
final class FastPixelDecoder: PixelDecoder {
    private let context: ComputeContext
    private let codebook: EmbeddingTable
    private let layers: VQGANDecoderLayers<FastConvolution>
    private let memory = FastImageMemory()

    init(_ weights: VQGANWeights) throws(DalleError) {
        context = weights.tensor.context
        codebook = try weights.tensor.table("quantize.embedding.weight")
        layers = try VQGANDecoderLayers(weights)
    }

    func decode(
        _ codes: [Int], height: Int, width: Int, layerIsDone: (String, () -> Bool) -> Void
    ) throws(DalleError) -> FeatureMap {
        let vectors = try codes.map { code throws(DalleError) in try codebook.row(code) }
        return try memory.run(
            height: height, width: width, context, plan: { plan(height: height, width: width) },
            input: { _ = $0.update(fromContentsOf: vectors.joined()) }, layerIsDone: layerIsDone)
    }

    private func plan(height: Int, width: Int) -> FastImagePlan {
        var plan = FastImagePlan(height: height, width: width, channels: codebook.shape[1])
        plan.append(layers.postQuantization)
        plan.append(layers.input)
        plan.append(layers.middle)
        for level in layers.levels {
            plan.append(level.stages)
            if let upsample = level.upsample { plan.append(upsample, enlargement: 2) }
        }
        plan.append(layers.output, norm: layers.outputNorm)
        return plan
    }
}
