import DalleFormat
import DalleModels

/// Loads a text-to-codes model's parts.
struct BartWeights: Sendable {
    let configuration: BartConfiguration
    let tensors: ComponentTensors

    var context: ComputeContext { tensors.context }

    /// - Throws: `missingInput` when the file has no such model, `badData` when it is damaged.
    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        (configuration, tensors) = try ComponentTensors.load(file, .tokenModel, context)
    }

    /// The error for results of a side that are no numbers.
    ///
    /// - Parameter layer: Called for the layer after which they come up.
    func nonFinite(
        _ results: String, of side: BartTensor.Side, layer: () throws(DalleError) -> Int?
    ) -> DalleError {
        tensors.nonFinite(results, { $0.hasPrefix("\(side).") }) { () throws(DalleError) in
            try layer().map { "layer \($0) of the \(side)" }
        }
    }

    func embedding(_ side: BartTensor.Side) throws(DalleError) -> TokenEmbedding {
        TokenEmbedding(
            // A prompt has some tokens, an image hundreds of codes.
            tokens: try tensors.table("\(side).token_embedding", isReadRarely: side == .encoder),
            positions: configuration.usesAbsolutePositions ? try tensors("\(side).position_embedding") : nil,
            scale: configuration.scalesEmbedding ? Float(configuration.width).squareRoot() : 1,
            norm: try tensors.norm(configuration.embeddingNorm) { "\(side).embedding_norm.\($0)" })
    }
}
