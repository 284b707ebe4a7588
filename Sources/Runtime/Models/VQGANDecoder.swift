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
    private let middle: [VQGANStage]
    /// From the lowest resolution to the highest.
    private let levels: [Level]
    private let outputNorm: GroupNorm
    private let output: Convolution

    private struct Level: Sendable {
        let stages: [VQGANStage]
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
        middle = try weights.middle("decoder")
        var levels: [Level] = []
        for level in (0..<configuration.levels).reversed() {
            let stages = try weights.stages("decoder.up", level, blocks: configuration.residualBlocks + 1)
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
        x = middle.run(x, context)
        for level in levels {
            x = level.stages.run(x, context)
            if let upsample = level.upsample { x = upsample(x.upsampled(), context) }
        }
        return output(outputNorm(x, swish: true), context)
    }

    /// Decodes to a picture of bytes.
    public func image(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> Image {
        Image(try decode(codes, height: height, width: width), range: configuration.pixelRange)
    }
}
