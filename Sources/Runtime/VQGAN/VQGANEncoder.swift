public import DalleFormat
import DalleKernels
public import DalleModels

/// The other half of a VQGAN (arXiv 2012.09841): from pixels to codes.
public struct VQGANEncoder: Sendable {
    public let configuration: VQGANConfiguration
    private let context: ComputeContext
    private let network: any ConvExecutor
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
            quantizer = .projection(try Convolution(weights.tensor, configuration.projection))
        }
        network = try weights.tensor.executor(configuration.encoder)
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
        return try network(pixels)
    }

    /// The codes of a picture, row by row.
    ///
    /// - Throws: also `badData` naming the tensor or the layer when the vectors are infinite or no numbers.
    public func encode(_ pixels: FeatureMap) throws(DalleError) -> [Int] {
        let vectors = try vectors(pixels)
        guard vectors.pixels.isFinite else { throw weights.nonFinite("the vectors of a picture", of: network, pixels) }
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
