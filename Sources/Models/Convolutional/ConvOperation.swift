/// An operation of a convolutional network: as a description has it, or with loaded weights.
public indirect enum ConvOperation<Convolution: Sendable, Norm: Sendable>: Sendable {
    case convolution(Convolution)
    case transform(FeatureTransform<Norm>)
    /// Attention among all pixels with one head, and its own residual.
    case attention(SpatialAttention<Convolution, Norm>)
    /// body(x) + shortcut(x); without operations the shortcut is x itself.
    case residual(body: [ConvOperation], shortcut: [ConvOperation])
}

/// An operation on a feature map that multiplies with no weights of a convolution.
public enum FeatureTransform<Norm: Sendable>: Sendable {
    case groupNorm(Norm)
    case activation(Activation)
    /// Every pixel twice in each direction: the nearest neighbour.
    case upsampling
    /// The mean of each square of 2 × 2 pixels; an odd row or column at the end is left out.
    case averagePooling
}

/// x + output(softmax(query(norm x) · key(norm x)ᵀ / √channels) · value(norm x)), with kernels of one pixel.
public struct SpatialAttention<Convolution: Sendable, Norm: Sendable>: Sendable {
    public let norm: Norm
    public let query: Convolution
    public let key: Convolution
    public let value: Convolution
    public let output: Convolution
}

extension ConvOperation {
    /// The same operation with others for its convolutions and norms, which are gone through in the order of their tensors:
    /// a residual's body comes before its shortcut.
    public func map<NewConvolution, NewNorm, Failure>(
        convolution: (Convolution) throws(Failure) -> NewConvolution, norm: (Norm) throws(Failure) -> NewNorm
    ) throws(Failure) -> ConvOperation<NewConvolution, NewNorm> {
        switch self {
        case .convolution(let layer): .convolution(try convolution(layer))
        case .transform(.groupNorm(let layer)): .transform(.groupNorm(try norm(layer)))
        case .transform(.activation(let activation)): .transform(.activation(activation))
        case .transform(.upsampling): .transform(.upsampling)
        case .transform(.averagePooling): .transform(.averagePooling)
        case .attention(let layers):
            .attention(
                SpatialAttention<NewConvolution, NewNorm>(
                    norm: try norm(layers.norm), query: try convolution(layers.query), key: try convolution(layers.key),
                    value: try convolution(layers.value), output: try convolution(layers.output)))
        case .residual(let body, let shortcut):
            .residual(
                body: try body.map(convolution: convolution, norm: norm),
                shortcut: try shortcut.map(convolution: convolution, norm: norm))
        }
    }
}

extension Array {
    /// `ConvOperation.map` of all operations.
    public func map<Convolution, Norm, NewConvolution, NewNorm, Failure>(
        convolution: (Convolution) throws(Failure) -> NewConvolution, norm: (Norm) throws(Failure) -> NewNorm
    ) throws(Failure) -> [ConvOperation<NewConvolution, NewNorm>] where Element == ConvOperation<Convolution, Norm> {
        try map { operation throws(Failure) in try operation.map(convolution: convolution, norm: norm) }
    }
}
