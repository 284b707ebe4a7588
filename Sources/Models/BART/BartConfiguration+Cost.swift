public import DalleFormat

extension BartConfiguration: TokenModelConfiguration {
    public static let kind = Component.Kind.dalleBart

    /// Images are square.
    public var interface: TokenInterface {
        let edge = Int(Double(imageLength).squareRoot().rounded())
        return TokenInterface(
            height: edge, width: edge, vocabulary: imageVocabulary, textVocabulary: textVocabulary,
            textLength: textLength, endToken: endToken, padToken: padToken)
    }

    public func promptCost(_ tensors: PartTensors, tokens: Int) -> OperationCost {
        var cost = OperationCost()
        cost.add(transformer(.encoder), tensors, rows: tokens)
        return cost
    }

    public func stepCost(_ tensors: PartTensors, rows: Int, positions: Double) -> OperationCost {
        var cost = OperationCost()
        cost.add(transformer(.decoder), tensors, rows: rows, share: positions)
        cost.add(tensors["decoder.logits.weight"], uses: rows)
        return cost
    }

    /// The encoder's layers one by one: states with their projections, keys and values of a layer. Then the decoder: keys and
    /// values of every layer for all tokens and for the text, as bytes where the matrix that makes the keys has integers; and
    /// the logits.
    public func memory(_ tensors: PartTensors, _ run: RunMemory.Run) -> [RunMemory.Stage] {
        let (encoder, decoder) = (transformer(.encoder), transformer(.decoder))
        let states =
            encoder.stateByteCount(rows: run.sequences * encoder.length)
            + encoder.cacheByteCount(sequences: run.sequences, positions: encoder.length, isInt8: false)
        func caches(_ sublayer: TransformerTensor.Sublayer, _ positions: Int) -> Int {
            decoder.keyMatrices(sublayer).reduce(0) {
                $0
                    + decoder.cacheByteCount(
                        sequences: run.sequences, positions: positions, isInt8: tensors[$1]?.packing != nil)
            }
        }
        // Of the tables only single rows are read.
        let weights = tensors.under("decoder.").filter { !$0.name.hasSuffix("token_embedding") }
        let owned = weights.filter { !$0.isStored }.byteCount
        let layer = max(tensors.largestLayer("decoder"), tensors.under("decoder.logits.").byteCount)
        return [
            .init("encoder", .preparing, weights: tensors.largestLayer("encoder"), work: states),
            .init(
                "decoder", .sampling, weights: weights.byteCount, least: owned + layer,
                work: caches(.selfAttention, imageLength) + caches(.crossAttention, textLength)
                    + 3 * run.sequences * imageVocabulary * MemoryLayout<Float>.size),
        ]
    }

    public func isReadRepeatedly(_ tensor: String) -> Bool { tensor.hasPrefix("decoder.") }
}
