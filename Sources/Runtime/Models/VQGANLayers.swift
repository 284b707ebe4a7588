import DalleFormat
import DalleKernels
import DalleModels

/// A convolution of either route.
protocol ConvolutionLayer: Sendable {
    /// - Parameter name: What `.weight` and `.bias` follow, or the parts of a batch norm.
    init(_ tensors: ComponentTensors, _ name: String, _ placement: Convolution.Placement) throws(DalleError)
}

/// A step of a VQGAN at one resolution.
enum VQGANStage<Layer: ConvolutionLayer>: Sendable {
    case residual(ResidualBlock<Layer>)
    case attention(SpatialAttention<Layer>)
}

/// x + conv₂(swish(norm₂(conv₁(swish(norm₁ x))))), x through a 1×1 convolution when the widths differ.
struct ResidualBlock<Layer: ConvolutionLayer>: Sendable {
    let norm1: GroupNorm
    let convolution1: Layer
    let norm2: GroupNorm
    let convolution2: Layer
    let shortcut: Layer?
}

/// Attention among all pixels with one head, and a residual.
struct SpatialAttention<Layer: ConvolutionLayer>: Sendable {
    let norm: GroupNorm
    let query: Layer
    let key: Layer
    let value: Layer
    let output: Layer
}

/// What follows the codebook in a decoder.
struct VQGANDecoderLayers<Layer: ConvolutionLayer>: Sendable {
    let postQuantization: Layer
    let input: Layer
    let middle: [VQGANStage<Layer>]
    /// From the lowest resolution to the highest.
    let levels: [Level]
    let outputNorm: GroupNorm
    let output: Layer

    struct Level: Sendable {
        let stages: [VQGANStage<Layer>]
        /// After doubling the resolution; absent at the highest.
        let upsample: Layer?
    }

    init(_ weights: VQGANWeights) throws(DalleError) {
        let configuration = weights.configuration
        postQuantization = try weights.convolution("post_quant_conv")
        input = try weights.convolution("decoder.conv_in")
        middle = try weights.middle("decoder")
        var levels: [Level] = []
        for level in (0..<configuration.levels).reversed() {
            let stages: [VQGANStage<Layer>] = try weights.stages(
                "decoder.up", level, blocks: configuration.residualBlocks + 1)
            let upsample: Layer? = level > 0 ? try weights.convolution("decoder.up.\(level).upsample.conv") : nil
            levels.append(Level(stages: stages, upsample: upsample))
        }
        self.levels = levels
        outputNorm = try weights.norm("decoder.norm_out")
        output = try weights.convolution("decoder.conv_out")
    }
}

/// An encoder, up to the vectors that are then quantised.
struct VQGANEncoderLayers<Layer: ConvolutionLayer>: Sendable {
    let input: Layer
    /// From the highest resolution to the lowest.
    let levels: [Level]
    let middle: [VQGANStage<Layer>]
    let outputNorm: GroupNorm
    let output: Layer
    let preQuantization: Layer

    struct Level: Sendable {
        let stages: [VQGANStage<Layer>]
        /// Halves the resolution; absent at the lowest.
        let downsample: Layer?
    }

    init(_ weights: VQGANWeights) throws(DalleError) {
        let configuration = weights.configuration
        input = try weights.convolution("encoder.conv_in")
        var levels: [Level] = []
        for level in 0..<configuration.levels {
            let stages: [VQGANStage<Layer>] = try weights.stages(
                "encoder.down", level, blocks: configuration.residualBlocks)
            let downsample: Layer? =
                level < configuration.levels - 1
                ? try weights.convolution("encoder.down.\(level).downsample.conv", .halvingFromCorner) : nil
            levels.append(Level(stages: stages, downsample: downsample))
        }
        self.levels = levels
        middle = try weights.middle("encoder")
        outputNorm = try weights.norm("encoder.norm_out")
        output = try weights.convolution("encoder.conv_out")
        preQuantization = try weights.convolution("quant_conv")
    }
}
