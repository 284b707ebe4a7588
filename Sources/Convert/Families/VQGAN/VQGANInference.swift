import DalleFormat
import DalleModels

extension VQGANConfiguration {
    /// More than any model has; bounds the search for the last level and block.
    private static let maximumLevels = 16
    private static let maximumBlocks = 64

    /// The hyper-parameters that a checkpoint's tensors show.
    ///
    /// - Parameter settings: the configuration that came with it, which is only asked how the channels of the levels
    ///   divide into a base and multipliers: that changes no tensor.
    init(
        inferringFrom tensors: VQGANTensorSet, settings: VQGANSettings?, pixelRange: PixelRange
    ) throws(DalleError) {
        func extent(_ name: String, _ axis: Int) throws(DalleError) -> Int {
            let tensor = try tensors.required(name)
            guard axis < tensor.shape.rank else {
                throw DalleError(.badData, "has shape \(tensor.shape)", item: tensor.name)
            }
            return tensor.shape[axis]
        }
        func has(_ name: String) throws(DalleError) -> Bool { try tensors[name] != nil }
        func convolution(_ level: Int, _ block: Int) -> String { "decoder.up.\(level).block.\(block).conv1.weight" }

        var widths = [try extent(convolution(0, 0), 0)]
        while widths.count < Self.maximumLevels, try has(convolution(widths.count, 0)) {
            widths.append(try extent(convolution(widths.count, 0), 0))
        }
        var blocks = 0
        var attentionLevels: [Int] = []
        for level in widths.indices {
            for block in 0..<Self.maximumBlocks {
                if try has(convolution(level, block)) { blocks = max(blocks, block) }
            }
            if try has("decoder.up.\(level).attn.0.norm.weight") { attentionLevels.append(level) }
        }
        let base = try Self.baseChannels(of: widths, tensors, settings)
        self.init(
            codebookSize: try extent(VQGANTensorSet.codebookName, 0),
            embeddingWidth: try extent(VQGANTensorSet.codebookName, 1),
            latentChannels: try extent("post_quant_conv.weight", 0),
            baseChannels: base, channelMultipliers: widths.map { $0 / base }, residualBlocks: blocks,
            attentionLevels: attentionLevels, pixelRange: pixelRange)
        if try has("encoder.conv_in.weight") {
            encoding = try has("quantize.proj.weight") ? .projection : .nearest
        }
        try settings?.requireAgreement(with: self)
        try validate()
    }

    /// A number of channels that divides those of all levels: what the configuration says, or the encoder's first layer
    /// shows, or else the greatest there is.
    private static func baseChannels(
        of widths: [Int], _ tensors: VQGANTensorSet, _ settings: VQGANSettings?
    ) throws(DalleError) -> Int {
        let known = [settings?.baseChannels, try tensors["encoder.conv_in.weight"]?.shape.extents.first]
        let divisor = known.lazy.compactMap { $0 }.first { base in
            base > 0 && widths.allSatisfy { $0.isMultiple(of: base) }
        }
        return divisor ?? widths.reduce(0, greatestCommonDivisor)
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
