import DalleFormat
import DalleKernels
import DalleModels

/// The network on the reference route.
struct ReferenceResidualTower: PictureTower {
    let layers: CLIPResidualLayers<Convolution, Dense>

    func embed(_ image: FeatureMap, _ context: ComputeContext) throws(DalleError) -> [Float] {
        // The stem ends with some forty numbers for each pixel's colour in four copies at most.
        try SystemMemory.requireFloats(48 * image.pixels.values.count, for: "the features of a picture")
        let x = layers.stem.reduce(image) { $1($0, context).rectified() }
        return layers.pooling(layers.blocks.reduce(x) { $1($0, context) }, context)
    }
}

extension CLIPResidualBlock<Convolution> {
    fileprivate func callAsFunction(_ image: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        let x = halving == .before ? image.halved() : image
        var y = spatial(reduce(x, context).rectified(), context).rectified()
        if halving == .within { y = y.halved() }
        y = expand(y, context)
        let residual = shortcut.map { $0(halving == .within ? x.halved() : x, context) } ?? x
        y.pixels.scaleAndAdd(1, residual.pixels)
        return y.rectified()
    }
}

extension CLIPAttentionPooling<Dense> {
    fileprivate func callAsFunction(_ image: FeatureMap, _ context: ComputeContext) -> [Float] {
        let states = states(image)
        let (keys, values) = (key(states, context), value(states, context))
        let pooled = attention(
            query(states.selecting([0]), context), firstPosition: 0, keys: keys.values.span,
            values: values.values.span, visible: states.rows, context)
        return output(pooled, context).values
    }
}

extension FeatureMap {
    /// ReLU.
    fileprivate func rectified() -> FeatureMap {
        var y = self
        for i in y.pixels.values.indices where !(y.pixels.values[i] > 0) { y.pixels.values[i] = 0 }
        return y
    }
}
