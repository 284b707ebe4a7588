public import DalleFormat
import DalleKernels
public import DalleModels
import Foundation

/// The image decoder of a VQGAN (arXiv 2012.09841): from codes to pixels.
public struct VQGANDecoder: Sendable {
    public let configuration: VQGANConfiguration
    private let decoder: any PixelDecoder
    private let weights: VQGANWeights

    /// - Throws: `missingInput` when the file has no VQGAN, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try VQGANWeights(file, context)
        configuration = weights.configuration
        decoder =
            switch context.route {
            case .reference: try ReferencePixelDecoder(weights)
            case .fast: try FastPixelDecoder(weights)
            }
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
        return try decoder.decode(codes, height: height, width: width) { _, _ in }
    }

    /// Decodes to a picture of bytes.
    ///
    /// - Throws: also `badData` naming the tensor or the layer when pixels are infinite or no numbers.
    public func image(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> Image {
        let raw = try decode(codes, height: height, width: width)
        guard raw.pixels.isFinite else {
            throw weights.nonFinite("the pixels of a picture", encoding: false) { () throws(DalleError) in
                var faulty: String?
                _ = try decoder.decode(codes, height: height, width: width) { layer, isFinite in
                    if faulty == nil, !isFinite() { faulty = layer }
                }
                return faulty
            }
        }
        return Image(raw, range: configuration.pixelRange)
    }
}

/// One route from codes to pixels.
protocol PixelDecoder: Sendable {
    /// - Parameters:
    ///   - codes: Of the codebook, as many as the grid has places.
    ///   - layerIsDone: called with the name of each layer, or of some that belong together, and a way to know whether
    ///     what it has made are all numbers.
    func decode(
        _ codes: [Int], height: Int, width: Int, layerIsDone: (String, () -> Bool) -> Void
    ) throws(DalleError) -> FeatureMap
}

/// The reference route: plain operations on float32.
private struct ReferencePixelDecoder: PixelDecoder {
    private let context: ComputeContext
    private let configuration: VQGANConfiguration
    private let codebook: FloatTensor
    private let layers: VQGANDecoderLayers<Convolution>

    init(_ weights: VQGANWeights) throws(DalleError) {
        configuration = weights.configuration
        context = weights.tensor.context
        codebook = try weights.tensor("quantize.embedding.weight")
        layers = try VQGANDecoderLayers(weights)
    }

    func decode(
        _ codes: [Int], height: Int, width: Int, layerIsDone: (String, () -> Bool) -> Void
    ) throws(DalleError) -> FeatureMap {
        try configuration.requireMemory(height: height, width: width)
        var quantized = Matrix(rows: codes.count, columns: codebook.shape[1])
        for (row, code) in codes.enumerated() {
            let vector = codebook.row(code)
            for i in vector.indices { quantized.values[row * quantized.columns + i] = vector[i] }
        }
        var x = FeatureMap(height: height, width: width, pixels: quantized)
        x = layers.postQuantization(x, context)
        layerIsDone("post_quant_conv") { x.pixels.isFinite }
        x = layers.input(x, context)
        layerIsDone("decoder.conv_in") { x.pixels.isFinite }
        x = layers.middle.run(x, context)
        layerIsDone("decoder.mid") { x.pixels.isFinite }
        for (number, level) in layers.levels.enumerated() {
            x = level.stages.run(x, context)
            if let upsample = level.upsample { x = upsample(x.upsampled(), context) }
            layerIsDone("decoder.up.\(layers.levels.count - 1 - number)") { x.pixels.isFinite }
        }
        x = layers.output(layers.outputNorm(x, swish: true), context)
        layerIsDone("decoder.conv_out") { x.pixels.isFinite }
        return x
    }
}

extension VQGANConfiguration {
    /// Looks whether there is memory for a grid of codes on the reference route: a block's input, what is made of it in a few
    /// steps, and what convolutions gather of it.
    ///
    /// - Throws: `noMemory`.
    func requireMemory(height: Int, width: Int) throws(DalleError) {
        try SystemMemory.requireFloats(6 * largestImageCount(codes: height * width), for: "a picture's features")
    }
}
