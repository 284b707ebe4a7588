public import DalleFormat

/// A tensor of a VQGAN: its canonical name, which is taming-transformers' own, and shape.
///
/// Convolution kernels are `[out, height, width, in]`, so that an output channel's weights are one row.
public struct VQGANTensor: Sendable, Equatable {
    public let name: String
    public let shape: Shape
}

extension VQGANConfiguration: PartConfiguration {
    /// All tensors, in the order they are written: what decoding needs, then what only encoding does.
    public func tensors() throws(DalleError) -> [VQGANTensor] {
        var list: [VQGANTensor] = []
        try forEachTensor { list.append(VQGANTensor(name: $0, shape: $1)) }
        return list
    }

    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        try withoutActuallyEscaping(body) { body throws(DalleError) in
            let list = TensorList(body: body)
            try addDecoder(to: list)
            if encoding != .none { try addEncoder(to: list) }
        }
    }

    private func addDecoder(to list: TensorList) throws(DalleError) {
        try list.add("quantize.embedding.weight", [codebookSize, embeddingWidth])
        try list.convolution("post_quant_conv", from: embeddingWidth, to: latentChannels, kernel: 1)
        let deepest = channels(level: levels - 1)
        try list.convolution("decoder.conv_in", from: latentChannels, to: deepest, kernel: 3)
        try list.residualBlock("decoder.mid.block_1", from: deepest, to: deepest)
        try list.attention("decoder.mid.attn_1", deepest)
        try list.residualBlock("decoder.mid.block_2", from: deepest, to: deepest)
        var channels = deepest
        for level in (0..<levels).reversed() {
            let width = self.channels(level: level)
            for block in 0...residualBlocks {
                try list.residualBlock("decoder.up.\(level).block.\(block)", from: channels, to: width)
                if attentionLevels.contains(level) { try list.attention("decoder.up.\(level).attn.\(block)", width) }
                channels = width
            }
            if level > 0 {
                try list.convolution("decoder.up.\(level).upsample.conv", from: width, to: width, kernel: 3)
            }
        }
        try list.norm("decoder.norm_out", channels)
        try list.convolution("decoder.conv_out", from: channels, to: 3, kernel: 3)
    }

    private func addEncoder(to list: TensorList) throws(DalleError) {
        try list.convolution("encoder.conv_in", from: 3, to: baseChannels, kernel: 3)
        var channels = baseChannels
        for level in 0..<levels {
            let width = self.channels(level: level)
            for block in 0..<residualBlocks {
                try list.residualBlock("encoder.down.\(level).block.\(block)", from: channels, to: width)
                if attentionLevels.contains(level) { try list.attention("encoder.down.\(level).attn.\(block)", width) }
                channels = width
            }
            if level < levels - 1 {
                try list.convolution("encoder.down.\(level).downsample.conv", from: channels, to: channels, kernel: 3)
            }
        }
        try list.residualBlock("encoder.mid.block_1", from: channels, to: channels)
        try list.attention("encoder.mid.attn_1", channels)
        try list.residualBlock("encoder.mid.block_2", from: channels, to: channels)
        try list.norm("encoder.norm_out", channels)
        try list.convolution("encoder.conv_out", from: channels, to: latentChannels, kernel: 3)
        try list.convolution("quant_conv", from: latentChannels, to: embeddingWidth, kernel: 1)
        if encoding == .projection {
            try list.convolution("quantize.proj", from: embeddingWidth, to: codebookSize, kernel: 1)
        }
    }
}

private struct TensorList {
    let body: (String, Shape) throws(DalleError) -> Void

    func add(_ name: String, _ extents: [Int]) throws(DalleError) { try body(name, try Shape(extents)) }

    func norm(_ name: String, _ channels: Int) throws(DalleError) {
        try add("\(name).weight", [channels])
        try add("\(name).bias", [channels])
    }

    func convolution(_ name: String, from: Int, to: Int, kernel: Int) throws(DalleError) {
        try add("\(name).weight", [to, kernel, kernel, from])
        try add("\(name).bias", [to])
    }

    func residualBlock(_ name: String, from: Int, to: Int) throws(DalleError) {
        try norm("\(name).norm1", from)
        try convolution("\(name).conv1", from: from, to: to, kernel: 3)
        try norm("\(name).norm2", to)
        try convolution("\(name).conv2", from: to, to: to, kernel: 3)
        if from != to { try convolution("\(name).nin_shortcut", from: from, to: to, kernel: 1) }
    }

    func attention(_ name: String, _ channels: Int) throws(DalleError) {
        try norm("\(name).norm", channels)
        for layer in ["q", "k", "v", "proj_out"] {
            try convolution("\(name).\(layer)", from: channels, to: channels, kernel: 1)
        }
    }
}
