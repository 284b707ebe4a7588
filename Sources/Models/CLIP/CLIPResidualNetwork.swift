extension CLIPConfiguration.ResidualNetwork {
    /// The features that are then pooled: OpenAI's `ModifiedResNet` with anti-aliased strides, average pooling before the
    /// convolution that would have one.
    public var features: ConvNetwork {
        var network = ConvNetwork(inputs: 3)
        let half = max(width / 2, 1)
        network.add("vision.stem.0", to: half, kernel: 3, stride: 2)
        network.activation(.relu)
        network.add("vision.stem.1", to: half, kernel: 3)
        network.activation(.relu)
        network.add("vision.stem.2", to: width, kernel: 3)
        network.activation(.relu)
        network.averagePooling()
        for (stage, count) in blocks.enumerated() {
            for block in 0..<count {
                network.addBlock(
                    "vision.stages.\(stage).\(block)", inner: width << stage, isFirst: block == 0,
                    halves: block == 0 && stage > 0)
            }
        }
        return network
    }
}

extension ConvNetwork {
    /// A convolution and its batch norm.
    fileprivate mutating func add(_ name: String, to outputs: Int, kernel: Int = 1, stride: Int = 1) {
        convolution(
            name, to: outputs, kernel: kernel, stride: stride,
            epilogue: .batchNorm(epsilon: CLIPConfiguration.normEpsilon))
    }

    /// relu(expand(relu(spatial(relu(reduce x)))) + x): a bottleneck.
    ///
    /// - Parameters:
    ///   - isFirst: Of its stage, with other channels than those before it.
    ///   - halves: The size, along each axis.
    fileprivate mutating func addBlock(_ name: String, inner: Int, isFirst: Bool, halves: Bool) {
        residual { body in
            body.add("\(name).reduce", to: inner)
            body.activation(.relu)
            body.add("\(name).spatial", to: inner, kernel: 3)
            body.activation(.relu)
            if halves { body.averagePooling() }
            body.add("\(name).expand", to: 4 * inner)
        } shortcut: { shortcut in
            if halves { shortcut.averagePooling() }
            if isFirst { shortcut.add("\(name).shortcut", to: 4 * inner) }
        }
        activation(.relu)
    }
}
