import DalleFormat
import DalleModels

/// Rows that `BartDecoder` decodes in step, and how far they are.
final class BartSession: DecodingSession {
    /// The cross-attention keys and values of a prompt: computed once, for its real tokens only.
    private struct Prompt {
        /// For each layer, a row for each visible token.
        let keys: [Matrix]
        let values: [Matrix]
        let visible: Int

        init(_ encoded: EncodedPrompt, _ decoder: BartDecoder) {
            let states = encoded.states.selecting(0..<encoded.visible)
            let sublayers = decoder.layers.compactMap(\.crossAttention)
            keys = sublayers.map { $0.keys(states, decoder.context) }
            values = sublayers.map { $0.value(states, decoder.context) }
            visible = encoded.visible
        }
    }

    private let decoder: BartDecoder
    private let prompts: [Prompt]
    private let promptOfRow: [Int]
    private var cache: KVCache
    private var position = 0

    init(_ decoder: BartDecoder, _ prompts: [EncodedPrompt], rows: [Int]) {
        precondition(rows.allSatisfy(prompts.indices.contains))
        self.decoder = decoder
        self.prompts = prompts.map { Prompt($0, decoder) }
        promptOfRow = rows
        cache = KVCache(
            layers: decoder.layers.count, rows: rows.count, length: decoder.configuration.imageLength,
            width: decoder.configuration.width)
    }

    func step(_ tokens: [Int]) throws(DalleError) -> Matrix {
        precondition(tokens.count == promptOfRow.count)
        let length = decoder.configuration.imageLength
        guard position < length else {
            throw DalleError(.usage, "an image has \(length) codes, and all are decoded")
        }
        let x = try states(tokens, at: position) { _, _ in }
        position += 1
        return decoder.logits(decoder.finalNorm?(x) ?? x, decoder.context)
    }

    func faultyLayer(_ tokens: [Int]) throws(DalleError) -> String? {
        var faulty: Int?
        _ = try states(tokens, at: position - 1) { layer, x in if !x.isFinite { faulty = faulty ?? layer } }
        return faulty.map { BartTensor.layerName(.decoder, $0) }
    }

    /// The states after all layers.
    ///
    /// - Parameter layerIsDone: called after each.
    private func states(
        _ tokens: [Int], at position: Int, _ layerIsDone: (Int, Matrix) -> Void
    ) throws(DalleError) -> Matrix {
        var x = try decoder.embedding(tokens.map { ($0, position) })
        for (number, layer) in decoder.layers.enumerated() {
            attendToCodes(&x, layer.selfAttention, number, at: position)
            if let cross = layer.crossAttention { attendToText(&x, cross, number, at: position) }
            layer.feedForward(&x, decoder.context)
            layerIsDone(number, x)
        }
        return x
    }

    private func attendToCodes(
        _ x: inout Matrix, _ sublayer: AttentionSublayer<Dense>, _ layer: Int, at position: Int
    ) {
        let context = decoder.context
        sublayer.norms(&x) { x in
            let queries = sublayer.queries(x, context)
            cache.keys[layer].append(sublayer.keys(x, context), at: position)
            cache.values[layer].append(sublayer.value(x, context), at: position)
            let (keys, values) = (cache.keys[layer], cache.values[layer])
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for row in 0..<x.rows {
                let attended = sublayer.attention(
                    queries.selecting([row]), firstPosition: position, keys: keys.row(row), values: values.row(row),
                    visible: position + 1, context)
                heads.setRow(row, attended.values)
            }
            return sublayer.project(heads, context)
        }
    }

    private func attendToText(
        _ x: inout Matrix, _ sublayer: AttentionSublayer<Dense>, _ layer: Int, at position: Int
    ) {
        let context = decoder.context
        sublayer.norms(&x) { x in
            let queries = sublayer.queries(x, context)
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for row in 0..<x.rows {
                let prompt = prompts[promptOfRow[row]]
                let (keys, values) = (prompt.keys[layer], prompt.values[layer])
                let attended = sublayer.attention(
                    queries.selecting([row]), firstPosition: position, keys: keys.values.span,
                    values: values.values.span, visible: prompt.visible, context)
                heads.setRow(row, attended.values)
            }
            return sublayer.project(heads, context)
        }
    }
}
