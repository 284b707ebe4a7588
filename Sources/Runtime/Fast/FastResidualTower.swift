import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// CLIP's residual network on the fast route.
final class FastResidualTower: PictureTower {
    private let layers: CLIPResidualLayers<FastConvolution, FastDense>
    private let memory = FastImageMemory()

    init(layers: CLIPResidualLayers<FastConvolution, FastDense>) { self.layers = layers }

    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float] {
        let features = try memory.run(height: image.height, width: image.width, context) {
            plan(height: image.height, width: image.width, channels: image.channels)
        } input: {
            _ = $0.update(fromContentsOf: image.pixels.values)
        }
        return try layers.pooling(features, context)
    }

    private func plan(height: Int, width: Int, channels: Int) -> FastImagePlan {
        var plan = FastImagePlan(height: height, width: width, channels: channels)
        for layer in layers.stem { plan.append(rectified: layer) }
        for block in layers.blocks { plan.append(block) }
        return plan
    }
}

extension CLIPAttentionPooling<FastDense> {
    fileprivate func callAsFunction(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float] {
        let states = states(image)
        let (keys, values) = (try key.rows(states, context), try value.rows(states, context))
        let queries = try query.rows(states.selecting([0]), context)
        let answers = try ActivationRows(rows: 1, columns: states.columns)
        let (heads, width) = (attention.heads, attention.headWidth)
        let scores = try ActivationRows(rows: heads, columns: states.rows)
        let cache = try AttentionCache(.float32, sequences: 1, heads: heads, headWidth: width, length: states.rows)
        context.pool.run(over: heads) { part in
            for head in part {
                for row in 0..<states.rows {
                    cache.store(
                        keys: keys, values: values, row: row, column: head * width, sequence: 0, head: head,
                        position: row, context.kernels)
                }
                cache.attend(
                    queries: queries, scores: scores, answers: answers, row: 0, column: head * width, sequence: 0,
                    head: head, positions: states.rows, scale: 1 / Float(width).squareRoot(), gain: 1, bias: nil,
                    context.kernels)
            }
        }
        return try output(Matrix(rows: 1, columns: states.columns, values: Array(answers.row(0))), context).values
    }
}
