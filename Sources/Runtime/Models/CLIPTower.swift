/// The layers of one of CLIP's transformers, the norm after them, and the projection of the one state that sums up the
/// others.
protocol CLIPTower: Sendable {
    /// - Parameter row: Of the state that is projected.
    func callAsFunction(_ states: Matrix, row: Int, _ context: ComputeContext) -> [Float]
}

/// What makes a vector of a picture.
protocol PictureTower: Sendable {
    /// - Parameter image: `[size, size, 3]`, normalised colours.
    func embed(_ image: FeatureMap, _ context: ComputeContext) -> [Float]
}

/// A tower on the reference route.
struct ReferenceTower: CLIPTower {
    let layers: [TransformerLayer<Dense>]
    let outputNorm: Norm
    let projection: Dense

    func callAsFunction(_ states: Matrix, row: Int, _ context: ComputeContext) -> [Float] {
        var x = states
        for layer in layers { layer.encode(&x, length: x.rows, visible: [x.rows], context) }
        return projection(outputNorm(x.selecting([row])), context).values
    }
}
