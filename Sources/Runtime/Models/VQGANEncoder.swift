public import DalleFormat
import DalleKernels
public import DalleModels

/// The other half of a VQGAN (arXiv 2012.09841): from pixels to codes.
public struct VQGANEncoder: Sendable {
    public let configuration: VQGANConfiguration
    private let context: ComputeContext
    private let encoder: any PixelEncoder
    private let quantizer: Quantizer
    private let weights: VQGANWeights

    private enum Quantizer: Sendable {
        case nearest(codebook: FloatTensor, squares: [Float])
        case projection(Convolution)
    }

    /// - Throws: `missingInput` when the file has no VQGAN or only its decoding half, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try VQGANWeights(file, context)
        let configuration = weights.configuration
        self.configuration = configuration
        self.context = context
        switch configuration.encoding {
        case .none:
            throw DalleError(
                .missingInput, "holds only the decoding half of its VQGAN",
                remedy: "Convert a VQGAN checkpoint that has an encoder", file: file.path)
        case .nearest:
            try context.prepareReference()
            let codebook = try weights.tensor("quantize.embedding.weight")
            quantizer = .nearest(
                codebook: codebook, squares: (0..<configuration.codebookSize).map { codebook.square($0) })
        case .projection:
            quantizer = .projection(try weights.convolution("quantize.proj"))
        }
        encoder =
            switch context.route {
            case .reference: try ReferencePixelEncoder(weights)
            case .fast: try FastPixelEncoder(weights)
            }
    }

    /// The vectors that are then quantised, `[height / factor, width / factor, embedding width]`.
    ///
    /// - Parameter pixels: `[height, width, 3]` in the checkpoint's range.
    /// - Throws: `usage` when an edge is no multiple of the factor.
    public func vectors(_ pixels: FeatureMap) throws(DalleError) -> FeatureMap {
        let factor = configuration.factor
        guard pixels.channels == 3, pixels.height > 0, pixels.width > 0, pixels.height % factor == 0,
            pixels.width % factor == 0
        else {
            throw DalleError(
                .usage, "a picture of \(pixels.width) × \(pixels.height) pixels, expected multiples of \(factor)")
        }
        return try encoder.vectors(pixels) { _, _ in }
    }

    /// The codes of a picture, row by row.
    ///
    /// - Throws: also `badData` naming the tensor or the layer when the vectors are infinite or no numbers.
    public func encode(_ pixels: FeatureMap) throws(DalleError) -> [Int] {
        let vectors = try vectors(pixels)
        guard vectors.pixels.isFinite else {
            throw weights.nonFinite("the vectors of a picture", encoding: true) { () throws(DalleError) in
                var faulty: String?
                _ = try encoder.vectors(pixels) { layer, isFinite in
                    if faulty == nil, !isFinite() { faulty = layer }
                }
                return faulty
            }
        }
        return quantize(vectors)
    }

    /// The codes of a picture of bytes, whose edges are multiples of the factor.
    public func codes(_ image: Image) throws(DalleError) -> [Int] {
        let range = configuration.pixelRange
        return try encode(
            FeatureMap(
                height: image.height, width: image.width,
                pixels: Matrix(
                    rows: image.height * image.width, columns: 3, values: image.bytes.map { range.raw($0) })))
    }

    /// The code of each vector; of equally good ones the first.
    public func quantize(_ vectors: FeatureMap) -> [Int] {
        switch quantizer {
        case .projection(let projection):
            let logits = projection(vectors, context).pixels
            return (0..<logits.rows).map { LogitsProcessor.greedy(Array(logits.row($0))) }
        case .nearest(let codebook, let squares):
            let (rows, width) = (vectors.pixels.rows, vectors.channels)
            var products = Matrix(rows: rows, columns: squares.count)
            var target = products.values.mutableSpan
            context.reference.multiply(
                vectors.pixels.values.span, stride: width, transposed: codebook.elements, stride: width, into: &target,
                stride: squares.count, m: rows, n: squares.count, k: width)
            // ‖z‖² + ‖e‖² − 2 z·e is least where 2 z·e − ‖e‖² is greatest.
            return (0..<rows).map { row in
                LogitsProcessor.greedy(zip(products.row(row), squares).map { 2 * $0 - $1 })
            }
        }
    }
}

/// One route from pixels to vectors.
protocol PixelEncoder: Sendable {
    /// - Parameters:
    ///   - pixels: `[height, width, 3]`, edges being multiples of the factor.
    ///   - layerIsDone: as of `PixelDecoder`.
    /// - Throws: `noMemory`.
    func vectors(_ pixels: FeatureMap, layerIsDone: (String, () -> Bool) -> Void) throws(DalleError) -> FeatureMap
}

/// The reference route: plain operations on float32.
private struct ReferencePixelEncoder: PixelEncoder {
    private let context: ComputeContext
    private let configuration: VQGANConfiguration
    private let layers: VQGANEncoderLayers<Convolution>

    init(_ weights: VQGANWeights) throws(DalleError) {
        configuration = weights.configuration
        context = weights.tensor.context
        layers = try VQGANEncoderLayers(weights)
    }

    func vectors(_ pixels: FeatureMap, layerIsDone: (String, () -> Bool) -> Void) throws(DalleError) -> FeatureMap {
        try configuration.requireMemory(
            height: pixels.height / configuration.factor, width: pixels.width / configuration.factor)
        var x = layers.input(pixels, context)
        layerIsDone("encoder.conv_in") { x.pixels.isFinite }
        for (number, level) in layers.levels.enumerated() {
            x = level.stages.run(x, context)
            if let downsample = level.downsample { x = downsample(x, context) }
            layerIsDone("encoder.down.\(number)") { x.pixels.isFinite }
        }
        x = layers.middle.run(x, context)
        layerIsDone("encoder.mid") { x.pixels.isFinite }
        x = layers.output(layers.outputNorm(x, swish: true), context)
        layerIsDone("encoder.conv_out") { x.pixels.isFinite }
        x = layers.preQuantization(x, context)
        layerIsDone("quant_conv") { x.pixels.isFinite }
        return x
    }
}

extension FloatTensor {
    /// The squared length of a row.
    fileprivate func square(_ index: Int) -> Float {
        let row = row(index)
        var sum: Float = 0
        for i in row.indices { sum += row[i] * row[i] }
        return sum
    }
}

extension VQGANConfiguration.PixelRange {
    /// A byte as the number that an encoder takes.
    public func raw(_ byte: UInt8) -> Float { self == .signed ? Float(byte) / 127.5 - 1 : Float(byte) / 255 }
}
