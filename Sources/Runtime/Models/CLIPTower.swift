import DalleFormat

/// The layers of one of CLIP's transformers, the norm after them, and the projection of the one state that sums up the
/// others.
protocol CLIPTower: Sendable {
    /// - Parameter row: Of the state that is projected.
    /// - Throws: `noMemory`.
    func callAsFunction(_ states: Matrix, row: Int, _ context: ComputeContext) throws(DalleError) -> [Float]
}

/// What makes a vector of a picture.
protocol PictureTower: Sendable {
    /// - Parameter image: `[size, size, 3]`, normalised colours.
    /// - Throws: `noMemory`.
    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float]
}

/// A tower on the reference route.
struct ReferenceTower: CLIPTower {
    let layers: [TransformerLayer<Dense>]
    let outputNorm: Norm
    let projection: Dense

    func callAsFunction(_ states: Matrix, row: Int, _ context: ComputeContext) throws(DalleError) -> [Float] {
        // The widest layer has four times a state's numbers; some copies are held at a time.
        try SystemMemory.requireFloats(16 * states.values.count, for: "the states of CLIP")
        var x = states
        for layer in layers { layer.encode(&x, length: x.rows, visible: [x.rows], context) }
        return projection(outputNorm(x.selecting([row])), context).values
    }
}
