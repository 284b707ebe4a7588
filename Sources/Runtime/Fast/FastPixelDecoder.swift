import DalleFormat
import DalleKernels
import Synchronization

/// A VQGAN's decoder on the fast route.
final class FastPixelDecoder: PixelDecoder {
    private let context: ComputeContext
    private let codebook: EmbeddingTable
    private let layers: VQGANDecoderLayers<FastConvolution>
    /// The memory of the last picture, for the next one of its size.
    private let room = Mutex<FastImageRoom?>(nil)

    init(_ weights: VQGANWeights) throws(DalleError) {
        context = weights.tensor.context
        codebook = try weights.tensor.table("quantize.embedding.weight")
        layers = try VQGANDecoderLayers(weights)
    }

    func decode(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> FeatureMap {
        let channels = codebook.shape[1]
        let room = takeRoom(height: height, width: width) ?? FastImageRoom(plan(height: height, width: width))
        let input = Pixels(room.image, height: height, width: width, channels: channels)
        for (place, code) in codes.enumerated() {
            let vector = try codebook.row(code)
            input.withNumbers { numbers in
                _ = numbers[(place * channels)...].update(fromContentsOf: vector)
            }
        }
        room.run(context)
        let plan = room.plan
        let output = Pixels(room.image, height: plan.height, width: plan.width, channels: plan.channels)
        let pixels = Matrix(rows: output.count, columns: plan.channels, values: output.withNumbers { Array($0) })
        self.room.withLock { $0 = room }
        return FeatureMap(height: plan.height, width: plan.width, pixels: pixels)
    }

    private func takeRoom(height: Int, width: Int) -> FastImageRoom? {
        room.withLock { kept in
            defer { kept = nil }
            guard let room = kept, room.plan.size == (height, width) else { return nil }
            return room
        }
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
