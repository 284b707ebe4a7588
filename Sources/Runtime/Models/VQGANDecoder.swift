public import DalleFormat
import DalleKernels
import Foundation

/// The image decoder of a VQGAN (arXiv 2012.09841): from codes to pixels.
public struct VQGANDecoder: Sendable {
    public let configuration: VQGANConfiguration
    private let context: ComputeContext
    private let codebook: FloatTensor
    private let postQuantization: Convolution
    private let input: Convolution
    private let middle: [Stage]
    /// From the lowest resolution to the highest.
    private let levels: [Level]
    private let outputNorm: GroupNorm
    private let output: Convolution

    /// A step at one resolution.
    private enum Stage: Sendable {
        case residual(ResidualBlock)
        case attention(SpatialAttention)
    }

    private struct Level: Sendable {
        let stages: [Stage]
        /// After doubling the resolution; absent at the highest.
        let upsample: Convolution?
    }

    /// - Throws: `missingInput` when the file has no VQGAN, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        let weights = try VQGANWeights(file, context)
        let configuration = weights.configuration
        self.configuration = configuration
        self.context = context
        codebook = try weights.tensor("quantize.embedding.weight")
        postQuantization = try weights.convolution("post_quant_conv")
        input = try weights.convolution("decoder.conv_in")
        middle = [
            .residual(try weights.residualBlock("decoder.mid.block_1")),
            .attention(try weights.attention("decoder.mid.attn_1")),
            .residual(try weights.residualBlock("decoder.mid.block_2")),
        ]
        var levels: [Level] = []
        for level in (0..<configuration.levels).reversed() {
            var stages: [Stage] = []
            for block in 0...configuration.residualBlocks {
                stages.append(.residual(try weights.residualBlock("decoder.up.\(level).block.\(block)")))
                if configuration.attentionLevels.contains(level) {
                    stages.append(.attention(try weights.attention("decoder.up.\(level).attn.\(block)")))
                }
            }
            let upsample = level > 0 ? try weights.convolution("decoder.up.\(level).upsample.conv") : nil
            levels.append(Level(stages: stages, upsample: upsample))
        }
        self.levels = levels
        outputNorm = try weights.norm("decoder.norm_out")
        output = try weights.convolution("decoder.conv_out")
    }

    /// Decodes a grid of codes, row by row, to raw pixels `[height, width, 3]` in the checkpoint's range.
    ///
    /// - Throws: `usage` when a code is not in the codebook or the grid is not full.
    public func decode(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> FeatureMap {
        guard height > 0, width > 0, codes.count == height * width else {
            throw DalleError(.usage, "\(codes.count) codes for a grid of \(height) × \(width)")
        }
        if let code = codes.first(where: { !(0..<configuration.codebookSize).contains($0) }) {
            throw DalleError(.usage, "the code \(code) is not among the \(configuration.codebookSize) of the codebook")
        }
        var quantized = Matrix(rows: codes.count, columns: configuration.embeddingWidth)
        for (row, code) in codes.enumerated() {
            let vector = codebook.row(code)
            for i in vector.indices { quantized.values[row * quantized.columns + i] = vector[i] }
        }
        var x = FeatureMap(height: height, width: width, pixels: quantized)
        x = input(postQuantization(x, context), context)
        x = run(middle, x)
        for level in levels {
            x = run(level.stages, x)
            if let upsample = level.upsample { x = upsample(x.upsampled(), context) }
        }
        return output(outputNorm(x, swish: true), context)
    }

    /// Decodes to a picture of bytes.
    public func image(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> Image {
        Image(try decode(codes, height: height, width: width), range: configuration.pixelRange)
    }

    private func run(_ stages: [Stage], _ x: FeatureMap) -> FeatureMap {
        stages.reduce(x) { x, stage in
            switch stage {
            case .residual(let block): block(x, context)
            case .attention(let attention): attention(x, context)
            }
        }
    }
}

/// x + conv₂(swish(norm₂(conv₁(swish(norm₁ x))))), x through a 1×1 convolution when the widths differ.
struct ResidualBlock: Sendable {
    let norm1: GroupNorm
    let convolution1: Convolution
    let norm2: GroupNorm
    let convolution2: Convolution
    let shortcut: Convolution?

    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        var y = convolution1(norm1(x, swish: true), context)
        y = convolution2(norm2(y, swish: true), context)
        y.pixels.scaleAndAdd(1, shortcut?(x, context).pixels ?? x.pixels)
        return y
    }
}

/// Attention among all pixels with one head, and a residual.
struct SpatialAttention: Sendable {
    let norm: GroupNorm
    let query: Convolution
    let key: Convolution
    let value: Convolution
    let output: Convolution

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
