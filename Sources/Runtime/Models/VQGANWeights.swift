import DalleFormat
import DalleModels

/// Loads a VQGAN's layers by name.
struct VQGANWeights: Sendable {
    let configuration: VQGANConfiguration
    let tensor: ComponentTensors

    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        guard let component = try file.component(.vqgan) else { throw Self.missing(file) }
        configuration = try file.configuration(of: component)
        tensor = try ComponentTensors(file, component, configuration, context)
    }

    static func missing(_ file: ModelFile) -> DalleError {
        DalleError(
            .missingInput, "holds no VQGAN, which makes pictures of codes",
            remedy:
                "Add one: dalle-convert vqgan SOURCE -o vqgan.dalle, then dalle-convert merge FILE vqgan.dalle -o NEW",
            file: file.path)
    }

    /// The error for results of a half that are no numbers.
    func nonFinite(
        _ results: String, encoding: Bool, layer: () throws(DalleError) -> String?
    ) -> DalleError {
        tensor.nonFinite(
            results,
            { name in
                let isEncoder = name.hasPrefix("encoder.") || name.hasPrefix("quant_conv.")
                return name.hasPrefix("quantize.") || isEncoder == encoding
            }, layer: layer)
    }

    func convolution<Layer: ConvolutionLayer>(
        _ name: String, _ placement: Convolution.Placement = .same
    ) throws(DalleError) -> Layer {
        try Layer(tensor, name, placement)
    }

    func norm(_ name: String) throws(DalleError) -> GroupNorm {
        GroupNorm(
            groups: VQGANConfiguration.normGroups, epsilon: configuration.normEpsilon,
            scale: try tensor("\(name).weight"), bias: try tensor("\(name).bias"))
    }

    /// The blocks of a level, each followed by attention where the level has it.
    func stages<Layer: ConvolutionLayer>(
        _ name: String, _ level: Int, blocks: Int
    ) throws(DalleError) -> [VQGANStage<Layer>] {
        var stages: [VQGANStage<Layer>] = []
        for block in 0..<blocks {
            stages.append(.residual(try residualBlock("\(name).\(level).block.\(block)")))
            if configuration.attentionLevels.contains(level) {
                stages.append(.attention(try attention("\(name).\(level).attn.\(block)")))
            }
        }
        return stages
    }

    /// What both halves have at the lowest resolution.
    func middle<Layer: ConvolutionLayer>(_ half: String) throws(DalleError) -> [VQGANStage<Layer>] {
        [
            .residual(try residualBlock("\(half).mid.block_1")), .attention(try attention("\(half).mid.attn_1")),
            .residual(try residualBlock("\(half).mid.block_2")),
        ]
    }

    func residualBlock<Layer: ConvolutionLayer>(_ name: String) throws(DalleError) -> ResidualBlock<Layer> {
        ResidualBlock(
            norm1: try norm("\(name).norm1"), convolution1: try convolution("\(name).conv1"),
            norm2: try norm("\(name).norm2"), convolution2: try convolution("\(name).conv2"),
            shortcut: tensor.has("\(name).nin_shortcut.weight") ? try convolution("\(name).nin_shortcut") : nil)
    }

    func attention<Layer: ConvolutionLayer>(_ name: String) throws(DalleError) -> SpatialAttention<Layer> {
        SpatialAttention(
            norm: try norm("\(name).norm"), query: try convolution("\(name).q"), key: try convolution("\(name).k"),
            value: try convolution("\(name).v"), output: try convolution("\(name).proj_out"))
    }
}
