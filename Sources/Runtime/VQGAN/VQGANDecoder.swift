public import DalleFormat
import DalleKernels
public import DalleModels

/// The image decoder of a VQGAN (arXiv 2012.09841): from codes to pixels.
public struct VQGANDecoder: Sendable {
    public let configuration: VQGANConfiguration
    private let codebook: EmbeddingTable
    private let network: any ConvExecutor
    private let weights: VQGANWeights

    /// - Throws: `missingInput` when the file has no VQGAN, `badData` when it is damaged.
    public init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        weights = try VQGANWeights(file, context)
        configuration = weights.configuration
        codebook = try weights.tensor.table("quantize.embedding.weight")
        network = try weights.tensor.executor(configuration.decoder)
    }

    /// Decodes a grid of codes, row by row, to raw pixels `[height, width, 3]` in the checkpoint's range.
    ///
    /// - Throws: `usage` when a code is not in the codebook or the grid is not full.
    public func decode(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> FeatureMap {
        try network(vectors(codes, height: height, width: width))
    }

    /// The codebook's vectors, `[height, width, embeddingWidth]`.
    private func vectors(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> FeatureMap {
        guard height > 0, width > 0, codes.count == height * width else {
            throw DalleError(.usage, "\(codes.count) codes for a grid of \(height) × \(width)")
        }
        if let code = codes.first(where: { !(0..<configuration.codebookSize).contains($0) }) {
            throw DalleError(.usage, "the code \(code) is not among the \(configuration.codebookSize) of the codebook")
        }
        var vectors = Matrix(rows: codes.count, columns: configuration.embeddingWidth)
        for (row, code) in codes.enumerated() { vectors.setRow(row, try codebook.row(code)) }
        return FeatureMap(height: height, width: width, pixels: vectors)
    }

    /// Decodes to a picture of bytes.
    ///
    /// - Throws: also `badData` naming the tensor or the layer when pixels are infinite or no numbers.
    public func image(_ codes: [Int], height: Int, width: Int) throws(DalleError) -> Image {
        let vectors = try vectors(codes, height: height, width: width)
        let raw = try network(vectors)
        guard raw.pixels.isFinite else { throw weights.nonFinite("the pixels of a picture", of: network, vectors) }
        return Image(raw, range: configuration.pixelRange)
    }
}
