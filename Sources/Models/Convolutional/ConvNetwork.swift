/// A convolutional network as a value: its operations, one after the other, and the names of their tensors.
///
/// A family describes its networks once. From that follow the tensors that a file must have, the sizes of all feature maps,
/// with them cost and memory, and both ways of computing it.
public struct ConvNetwork: Sendable {
    public typealias Operation = ConvOperation<Convolution, GroupNorm>

    /// A convolution with a square kernel and zero padding. Its tensors are `NAME.weight`, `[outputs, kernel, kernel, inputs]`,
    /// so that an output channel's weights are one row, and those of its epilogue.
    public struct Convolution: Sendable, Equatable {
        /// What follows the products.
        public enum Epilogue: Sendable, Equatable {
            /// `NAME.bias`, `[outputs]`.
            case bias
            /// `NAME.norm.scale`, `.bias`, `.mean`, `.variance`, `[outputs]` each: the statistics of training.
            case batchNorm(epsilon: Double)
        }

        public let name: String
        /// Channels.
        public let inputs: Int
        public let outputs: Int
        /// Pixels along an edge of the kernel, and from one place of it to the next.
        public let kernel: Int
        public let stride: Int
        /// Zeros before the first row and column, and after the last.
        public let padding: Padding
        public let epilogue: Epilogue

        /// - Parameter padding: nil is half the kernel, which with a stride of 1 keeps the size.
        public init(
            _ name: String, inputs: Int, outputs: Int, kernel: Int = 1, stride: Int = 1, padding: Padding? = nil,
            epilogue: Epilogue = .bias
        ) {
            self.name = name
            self.inputs = inputs
            self.outputs = outputs
            self.kernel = kernel
            self.stride = stride
            self.padding = padding ?? Padding(before: kernel / 2, after: kernel / 2)
            self.epilogue = epilogue
        }

        /// Whether each pixel of the output comes of one of the input alone.
        public var isPointwise: Bool { kernel == 1 && stride == 1 && padding == Padding(before: 0, after: 0) }

        /// Places of the kernel along an axis of so many pixels.
        public func places(_ pixels: Int) -> Int {
            let padded = pixels + padding.before + padding.after
            return padded < kernel ? 0 : (padded - kernel) / stride + 1
        }
    }

    public struct Padding: Sendable, Equatable {
        public let before: Int
        public let after: Int

        public init(before: Int, after: Int) {
            self.before = before
            self.after = after
        }
    }

    /// Group norm (arXiv 1803.08494): `NAME.weight` and `NAME.bias`, `[channels]`.
    public struct GroupNorm: Sendable, Equatable {
        public let name: String
        public let channels: Int
        public let groups: Int
        public let epsilon: Double
    }

    /// Channels of what goes in, and of what comes out.
    public let inputs: Int
    public private(set) var outputs: Int
    public private(set) var operations: [Operation] = []
    /// Whether activations may be rounded to int8 where weights are int8; if not, such weights are decoded to floats.
    public var allowsInt8Activations = true

    /// A network of no operations yet.
    public init(inputs: Int) {
        self.inputs = inputs
        outputs = inputs
    }
}

// Builders: each appends an operation on what the network gives so far.
extension ConvNetwork {
    public mutating func convolution(
        _ name: String, to outputs: Int, kernel: Int = 1, stride: Int = 1, padding: Padding? = nil,
        epilogue: Convolution.Epilogue = .bias
    ) {
        operations.append(
            .convolution(
                Convolution(
                    name, inputs: self.outputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding,
                    epilogue: epilogue)))
        self.outputs = outputs
    }

    public mutating func groupNorm(_ name: String, groups: Int, epsilon: Double) {
        operations.append(
            .transform(.groupNorm(GroupNorm(name: name, channels: outputs, groups: groups, epsilon: epsilon))))
    }

    public mutating func activation(_ activation: Activation) { operations.append(.transform(.activation(activation))) }

    public mutating func upsampling() { operations.append(.transform(.upsampling)) }

    public mutating func averagePooling() { operations.append(.transform(.averagePooling)) }

    /// - Parameters:
    ///   - name: What the norm's name `norm` follows, and those of the projections.
    ///   - projections: Of query, key, value and output.
    public mutating func attention(
        _ name: String, projections: (query: String, key: String, value: String, output: String), groups: Int,
        epsilon: Double
    ) {
        func projection(_ projection: String) -> Convolution {
            Convolution("\(name).\(projection)", inputs: outputs, outputs: outputs)
        }
        operations.append(
            .attention(
                SpatialAttention(
                    norm: GroupNorm(name: "\(name).norm", channels: outputs, groups: groups, epsilon: epsilon),
                    query: projection(projections.query), key: projection(projections.key),
                    value: projection(projections.value), output: projection(projections.output))))
    }

    /// body(x) + shortcut(x), which must have the same shape.
    ///
    /// - Parameter shortcut: Left out, or without operations, it is x itself.
    public mutating func residual(
        _ body: (inout ConvNetwork) -> Void, shortcut: (inout ConvNetwork) -> Void = { _ in }
    ) {
        var (long, short) = (ConvNetwork(inputs: outputs), ConvNetwork(inputs: outputs))
        body(&long)
        shortcut(&short)
        precondition(long.outputs == short.outputs, "a residual's branches end with different channels")
        operations.append(.residual(body: long.operations, shortcut: short.operations))
        outputs = long.outputs
    }
}
