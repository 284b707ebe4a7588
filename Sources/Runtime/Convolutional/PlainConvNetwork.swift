import DalleFormat
import DalleKernels
import DalleModels

/// A network on the reference route: plain operations on float32, one after the other.
struct PlainConvNetwork: ConvExecutor {
    typealias Operation = ConvOperation<Convolution, GroupNorm>

    let network: ConvNetwork
    private let operations: [Operation]
    private let context: ComputeContext

    init(_ network: ConvNetwork, _ operations: [Operation], _ context: ComputeContext) {
        self.network = network
        self.operations = operations
        self.context = context
    }

    /// A residual's input, what is made of it in a few steps, and what convolutions gather of it.
    private static let copies = 6

    func run(_ x: FeatureMap, layerIsDone: (String, () -> Bool) -> Void) throws(DalleError) -> FeatureMap {
        let largest = network.largestFeatureMap(height: x.height, width: x.width)
        try SystemMemory.requireFloats(Self.copies * largest, for: "a picture's features")
        var name = ""
        return run(operations, x, &name, layerIsDone)
    }

    /// - Parameter name: Of the last convolution.
    private func run(
        _ operations: [Operation], _ input: FeatureMap, _ name: inout String,
        _ layerIsDone: (String, () -> Bool) -> Void
    ) -> FeatureMap {
        var x = input
        for operation in operations {
            switch operation {
            case .convolution(let layer):
                x = layer(x, context)
                name = layer.settings.name
            case .transform(let transform):
                x.apply(transform)
                continue
            case .attention(let layers):
                x = layers(x, context)
                name = layers.output.settings.name
            case .residual(let body, let shortcut):
                var y = run(body, x, &name, layerIsDone)
                var ignored = ""
                y.pixels.scaleAndAdd(1, run(shortcut, x, &ignored, layerIsDone).pixels)
                x = y
            }
            layerIsDone(name) { x.pixels.isFinite }
        }
        return x
    }
}

extension FeatureMap {
    mutating func apply(_ transform: FeatureTransform<GroupNorm>) {
        switch transform {
        case .groupNorm(let norm): self = norm(self)
        case .activation(let activation): activation.apply(to: &pixels)
        case .upsampling: self = upsampled()
        case .averagePooling: self = averagePooled()
        }
    }
}

extension SpatialAttention<Convolution, GroupNorm> {
    fileprivate func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
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
