import DalleFormat
import DalleKernels
import DalleModels

/// A tower of CLIP on the fast route: weights are read where they lie in the file.
struct FastTower: CLIPTower {
    let configuration: CLIPConfiguration.Tower
    let layers: [TransformerLayer<FastDense>]
    let outputNorm: Norm
    let projection: FastDense
    /// Whether a state sees only those before it.
    let isCausal: Bool

    func callAsFunction(_ states: Matrix, row: Int, _ context: ComputeContext) throws(DalleError) -> [Float] {
        // A picture is judged once, so that inputs of two bytes cost little.
        let space = try FastWorkspace(
            width: configuration.width, feedForwardWidth: configuration.feedForwardWidth, isGated: false,
            heads: configuration.heads, positions: states.rows, rows: states.rows, isFine: true)
        for index in 0..<states.rows { _ = space.states.row(index).update(fromContentsOf: states.row(index)) }
        let targets = (0..<states.rows).map {
            AttentionSublayer<FastDense>.Target(
                sequence: 0, positions: isCausal ? $0 + 1 : states.rows, position: $0)
        }
        for layer in layers {
            let cache = try layer.selfAttention.cache(sequences: 1, length: states.rows, isFine: true)
            layer.selfAttention.run(space, cache, targets, context)
            layer.feedForward.run(space, context)
        }
        outputNorm.apply(space.states, into: space.states, row: row, context.kernels)
        let summary = Matrix(rows: 1, columns: states.columns, values: Array(space.states.row(row)))
        return try projection(summary, context).values
    }
}
