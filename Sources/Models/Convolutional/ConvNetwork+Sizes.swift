public import DalleFormat

// What follows from a description.

/// The size of a feature map, `[height, width, channels]`.
public struct FeatureMapSize: Sendable, Equatable {
    public var height: Int
    public var width: Int
    public var channels: Int

    public init(height: Int, width: Int, channels: Int) {
        self.height = height
        self.width = width
        self.channels = channels
    }

    public var pixels: Int { height * width }
    public var count: Int { pixels * channels }
}

extension ConvNetwork {
    /// Calls `body` with the name and the shape of every tensor, in the order they are written: that of the operations.
    ///
    /// - Throws: what `body` does, and `badData` for a shape that is too large to exist.
    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        _ = try operations.map { layer throws(DalleError) in
            try layer.forEachTensor(body)
        } norm: { norm throws(DalleError) in
            for part in ["weight", "bias"] { try body("\(norm.name).\(part)", try Shape([norm.channels])) }
        }
    }

    /// Whether there is a group norm, also one of an attention.
    public var hasGroupNorms: Bool {
        var found = false
        _ = operations.map(convolution: { _ in }, norm: { _ in found = true })
        return found
    }

    /// Follows an image through the network.
    ///
    /// - Parameter body: called with every convolution, the size of what it takes and of what it gives.
    /// - Returns: The size of what comes out.
    @discardableResult
    public func forEachConvolution(
        height: Int, width: Int, _ body: (Convolution, _ input: FeatureMapSize, _ output: FeatureMapSize) -> Void
    ) -> FeatureMapSize {
        operations.size(after: FeatureMapSize(height: height, width: width, channels: inputs), body)
    }

    /// Numbers of the largest feature map on the way of an image.
    public func largestFeatureMap(height: Int, width: Int) -> Int {
        var largest = height * width * inputs
        forEachConvolution(height: height, width: width) { largest = max(largest, $1.count, $2.count) }
        return largest
    }
}

extension ConvNetwork.Convolution {
    /// `ConvNetwork.forEachTensor` of a convolution and its epilogue.
    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        try body("\(name).weight", try Shape([outputs, kernel, kernel, inputs]))
        switch epilogue {
        case .bias: try body("\(name).bias", try Shape([outputs]))
        case .batchNorm:
            for part in ["scale", "bias", "mean", "variance"] { try body("\(name).norm.\(part)", try Shape([outputs])) }
        }
    }
}

extension FeatureTransform {
    /// The size of what comes of a feature map.
    public func size(after input: FeatureMapSize) -> FeatureMapSize {
        switch self {
        case .groupNorm, .activation: input
        case .upsampling:
            FeatureMapSize(height: 2 * input.height, width: 2 * input.width, channels: input.channels)
        case .averagePooling: FeatureMapSize(height: input.height / 2, width: input.width / 2, channels: input.channels)
        }
    }
}

extension [ConvNetwork.Operation] {
    fileprivate func size(
        after input: FeatureMapSize, _ body: (ConvNetwork.Convolution, FeatureMapSize, FeatureMapSize) -> Void
    ) -> FeatureMapSize {
        reduce(input) { size, operation in
            switch operation {
            case .convolution(let layer):
                let output = FeatureMapSize(
                    height: layer.places(size.height), width: layer.places(size.width), channels: layer.outputs)
                body(layer, size, output)
                return output
            case .transform(let transform): return transform.size(after: size)
            case .attention(let layers):
                for layer in [layers.query, layers.key, layers.value, layers.output] { body(layer, size, size) }
                return size
            case .residual(let long, let short):
                _ = short.size(after: size, body)
                return long.size(after: size, body)
            }
        }
    }
}
