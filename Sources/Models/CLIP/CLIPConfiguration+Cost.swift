public import DalleFormat

extension CLIPConfiguration: ScorerConfiguration {
    public static let kind = Component.Kind.clip

    /// The states that a transformer has, or that are pooled: one for each position and one that sums them up.
    private var states: Int { positionsPerEdge * positionsPerEdge + 1 }

    public func imageCost(_ tensors: PartTensors) -> OperationCost {
        var cost = OperationCost()
        switch vision {
        case .transformer(let tower, _): cost.add(visionTransformer(tower), tensors, rows: states)
        case .residual(let network):
            cost.add(network.features, tensors, height: imageSize, width: imageSize)
            for (layer, uses) in [("query", 1), ("key", states), ("value", states), ("output", 1)] {
                cost.add(tensors["vision.pool.\(layer).weight"], uses: uses)
            }
        }
        return cost
    }

    /// Of a residual network: a block's input, its copy as a convolution takes it and its output where they are largest; the
    /// convolution of most weights once more; and what is pooled, as states, keys and values in floats and bytes and once
    /// more for what bytes leave, and in a cache. A transformer's states are few.
    public func memory(_ tensors: PartTensors, _ run: RunMemory.Run) -> [RunMemory.Stage] {
        let float = MemoryLayout<Float>.size
        var work = 0
        if case .residual(let network) = vision {
            let kernels = tensors.under("vision.").filter { $0.shape.rank == 4 }.map {
                $0.packing == nil ? $0.shape.count * float : $0.byteCount
            }
            let image = network.features.largestFeatureMap(height: imageSize, width: imageSize)
            let pooling = 3 * 2 * (float + 1) + 2 * float
            work = 3 * image * float + states * network.pooledWidth * pooling + (kernels.max() ?? 0)
        }
        return [.init("clip", .ranking, weights: tensors.under("").byteCount, work: work)]
    }
}
