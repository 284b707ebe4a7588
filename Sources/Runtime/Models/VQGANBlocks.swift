import DalleFormat
import DalleKernels
import DalleModels

// The blocks on the reference route.

extension [VQGANStage<Convolution>] {
    func run(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        reduce(x) { x, stage in
            switch stage {
            case .residual(let block): block(x, context)
            case .attention(let attention): attention(x, context)
            }
        }
    }
}

extension ResidualBlock<Convolution> {
    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        var y = convolution1(norm1(x, swish: true), context)
        y = convolution2(norm2(y, swish: true), context)
        y.pixels.scaleAndAdd(1, shortcut?(x, context).pixels ?? x.pixels)
        return y
    }
}

extension SpatialAttention<Convolution> {
    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        let h = norm(x)
        let (keys, values) = (key(h, context).pixels, value(h, context).pixels)
        let attention = Attention(heads: 1, headWidth: x.channels)
        let attended = attention(
            query(h, context).pixels, firstPosition: 0, keys: keys.values.span, values: values.values.span,
            visible: keys.rows, context)
        var y = output(FeatureMap(height: x.height, width: x.width, pixels: attended), context)
        y.pixels.scaleAndAdd(1, x.pixels)
        return y
    }
}
