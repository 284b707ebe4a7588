public import DalleFormat

// The two halves of a VQGAN (arXiv 2012.09841); names are taming-transformers' own.

extension VQGANConfiguration: PartConfiguration {
    /// What decoding needs, then what only encoding does.
    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        try body("quantize.embedding.weight", try Shape([codebookSize, embeddingWidth]))
        try decoder.forEachTensor(body)
        guard encoding != .none else { return }
        try encoder.forEachTensor(body)
        if encoding == .projection { try projection.forEachTensor(body) }
    }
}

extension VQGANConfiguration {
    /// From a codebook vector for each place of a grid to pixels, `factor` times as many along an axis.
    public var decoder: ConvNetwork {
        var network = ConvNetwork(inputs: embeddingWidth)
        network.convolution("post_quant_conv", to: latentChannels)
        network.convolution("decoder.conv_in", to: channels(level: levels - 1), kernel: 3)
        addMiddle("decoder.mid", to: &network)
        for level in (0..<levels).reversed() {
            addLevel("decoder.up", level, blocks: residualBlocks + 1, to: &network)
            if level > 0 {
                network.upsampling()
                network.convolution("decoder.up.\(level).upsample.conv", to: network.outputs, kernel: 3)
            }
        }
        addOutput("decoder", channels: 3, to: &network)
        return network
    }

    /// From pixels, whose edges are multiples of `factor`, to the vectors that are then quantised.
    public var encoder: ConvNetwork {
        var network = ConvNetwork(inputs: 3)
        // Pixels rounded to int8 would move vectors from one code to the next.
        network.allowsInt8Activations = false
        network.convolution("encoder.conv_in", to: baseChannels, kernel: 3)
        for level in 0..<levels {
            addLevel("encoder.down", level, blocks: residualBlocks, to: &network)
            if level < levels - 1 {
                network.convolution(
                    "encoder.down.\(level).downsample.conv", to: network.outputs, kernel: 3, stride: 2,
                    padding: .init(before: 0, after: 1))
            }
        }
        addMiddle("encoder.mid", to: &network)
        addOutput("encoder", channels: latentChannels, to: &network)
        network.convolution("quant_conv", to: embeddingWidth)
        return network
    }

    /// `GumbelVQ`: from a vector to how well each code fits it.
    public var projection: ConvNetwork.Convolution {
        ConvNetwork.Convolution("quantize.proj", inputs: embeddingWidth, outputs: codebookSize)
    }

    private func addLevel(_ name: String, _ level: Int, blocks: Int, to network: inout ConvNetwork) {
        for block in 0..<blocks {
            addBlock("\(name).\(level).block.\(block)", channels: channels(level: level), to: &network)
            if attentionLevels.contains(level) { addAttention("\(name).\(level).attn.\(block)", to: &network) }
        }
    }

    private func addMiddle(_ name: String, to network: inout ConvNetwork) {
        addBlock("\(name).block_1", channels: network.outputs, to: &network)
        addAttention("\(name).attn_1", to: &network)
        addBlock("\(name).block_2", channels: network.outputs, to: &network)
    }

    /// x + conv2(swish(norm2(conv1(swish(norm1 x))))), x through a kernel of one pixel where the channels differ.
    private func addBlock(_ name: String, channels: Int, to network: inout ConvNetwork) {
        let inputs = network.outputs
        network.residual { body in
            addNorm("\(name).norm1", to: &body)
            body.activation(.silu)
            body.convolution("\(name).conv1", to: channels, kernel: 3)
            addNorm("\(name).norm2", to: &body)
            body.activation(.silu)
            body.convolution("\(name).conv2", to: channels, kernel: 3)
        } shortcut: { shortcut in
            if inputs != channels { shortcut.convolution("\(name).nin_shortcut", to: channels) }
        }
    }

    private func addAttention(_ name: String, to network: inout ConvNetwork) {
        network.attention(name, projections: ("q", "k", "v", "proj_out"), groups: Self.normGroups, epsilon: normEpsilon)
    }

    private func addOutput(_ half: String, channels: Int, to network: inout ConvNetwork) {
        addNorm("\(half).norm_out", to: &network)
        network.activation(.silu)
        network.convolution("\(half).conv_out", to: channels, kernel: 3)
    }

    private func addNorm(_ name: String, to network: inout ConvNetwork) {
        network.groupNorm(name, groups: Self.normGroups, epsilon: normEpsilon)
    }
}
