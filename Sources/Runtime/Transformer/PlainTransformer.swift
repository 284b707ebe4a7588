import DalleFormat
import DalleModels

/// The layers in plain operations on float32: what the other route is held against.
final class PlainTransformer: TransformerExecutor {
    static let computesPadding = true

    private let transformer: Transformer<Dense>
    private let context: ComputeContext
    private let isIncremental: Bool
    private var states = Matrix(rows: 0, columns: 0)
    /// Keys and values for each layer, or for all in turn.
    private var keys: [PlainCache]
    private var values: [PlainCache]
    /// For each layer the keys and values of each memory, a row for each position.
    private var memories: [[(keys: Matrix, values: Matrix)]]

    init(
        _ transformer: Transformer<Dense>, _ context: ComputeContext, _ capacity: TransformerCapacity
    ) throws(DalleError) {
        self.transformer = transformer
        self.context = context
        isIncremental = capacity.isIncremental
        let stack = transformer.stack
        let layers = stack.layers.count
        let memory = isIncremental ? stack.layers.compactMap { $0.crossAttention?.keyLength }.max() ?? 0 : 0
        let positions = (isIncremental ? layers : 1) * capacity.length + layers * memory
        // A row's states with what a layer makes of them.
        let numbers = 8 * stack.width + 3 * (stack.layers.map { $0.feedForward.width }.max() ?? 0)
        try SystemMemory.requireFloats(
            2 * capacity.sequences * positions * stack.width + capacity.rows * numbers,
            for: "the states, keys and values of a transformer")
        let cache = PlainCache(sequences: capacity.sequences, length: capacity.length, width: stack.width)
        keys = Array(repeating: cache, count: isIncremental ? layers : 1)
        values = keys
        let nothing = Matrix(rows: 0, columns: stack.width)
        memories = Array(
            repeating: Array(repeating: (nothing, nothing), count: capacity.sequences), count: layers)
    }

    func embed(_ ids: [(token: Int, position: Int)], _ embedding: TokenEmbedding) throws(DalleError) {
        states = try embedding(ids)
    }

    func begin(_ states: Matrix) throws(DalleError) { self.states = states }

    func remember(_ memories: [(number: Int, states: Matrix)]) throws(DalleError) {
        for number in transformer.stack.layers.indices {
            guard let cross = try transformer.layer(number).crossAttention else { continue }
            for (memory, states) in memories {
                self.memories[number][memory] = (cross.keys(states, context), cross.value(states, context))
            }
        }
    }

    func run(_ entries: [TransformerEntry], layerIsDone: (Int) -> Void) throws(DalleError) {
        let context = context.observing(entries.indices.filter { entries[$0].position < entries[$0].visible })
        let runs = EntryRun.runs(of: entries)
        for number in transformer.stack.layers.indices {
            let layer = try transformer.layer(number)
            attend(layer.selfAttention, entries, runs, isIncremental ? number : 0, context)
            if let cross = layer.crossAttention { attendToMemories(cross, runs, memories[number], context) }
            layer.feedForward(&states, context)
            layerIsDone(number)
        }
    }

    private func attend(
        _ sublayer: AttentionSublayer<Dense>, _ entries: [TransformerEntry], _ runs: [EntryRun], _ layer: Int,
        _ context: ComputeContext
    ) {
        sublayer.norms(&states) { x in
            let queries = sublayer.queries(x, context)
            keys[layer].store(sublayer.keys(x, context), entries)
            values[layer].store(sublayer.value(x, context), entries)
            let (ownKeys, ownValues) = (keys[layer], values[layer])
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for run in runs {
                let attended = sublayer.attention(
                    queries.selecting(run.rows), firstPosition: run.first.position,
                    keys: ownKeys.sequence(run.first.sequence), values: ownValues.sequence(run.first.sequence),
                    visible: run.last.visible, context)
                heads.setRows(run.rows, attended)
            }
            return sublayer.project(heads, context)
        }
    }

    private func attendToMemories(
        _ sublayer: AttentionSublayer<Dense>, _ runs: [EntryRun], _ memories: [(keys: Matrix, values: Matrix)],
        _ context: ComputeContext
    ) {
        sublayer.norms(&states) { x in
            let queries = sublayer.queries(x, context)
            var heads = Matrix(rows: x.rows, columns: x.columns)
            for run in runs {
                let memory = memories[run.first.memory]
                let attended = sublayer.attention(
                    queries.selecting(run.rows), firstPosition: run.first.position, keys: memory.keys.values.span,
                    values: memory.values.values.span, visible: run.first.memoryLength, context)
                heads.setRows(run.rows, attended)
            }
            return sublayer.project(heads, context)
        }
    }

    func isFinite(_ rows: Range<Int>) -> Bool { states.selecting(rows).isFinite }

    func normalized(_ rows: Range<Int>) throws(DalleError) -> Matrix {
        let states = states.selecting(rows)
        return transformer.finalNorm?(states) ?? states
    }

    func project(
        _ rows: [Int], _ layer: Dense, into result: inout Matrix, at places: [Int]
    ) throws(DalleError) {
        guard !rows.isEmpty else { return }
        let states = states.selecting(rows)
        let projected = layer(transformer.finalNorm?(states) ?? states, context)
        for (row, place) in places.enumerated() { result.setRow(place, projected.row(row)) }
    }
}

extension Matrix {
    fileprivate mutating func setRows(_ rows: Range<Int>, _ source: Matrix) {
        values.replaceSubrange(rows.lowerBound * columns..<rows.upperBound * columns, with: source.values)
    }
}

/// Rows of a pass that are positions of one sequence, one after the other: one attention does for all.
private struct EntryRun {
    var rows: Range<Int>
    let first: TransformerEntry
    var last: TransformerEntry

    static func runs(of entries: [TransformerEntry]) -> [EntryRun] {
        var runs: [EntryRun] = []
        for (row, entry) in entries.enumerated() {
            if let last = runs.last?.last, last.sequence == entry.sequence, last.position + 1 == entry.position {
                runs[runs.count - 1].rows = runs[runs.count - 1].rows.lowerBound..<row + 1
                runs[runs.count - 1].last = entry
            } else {
                runs.append(EntryRun(rows: row..<row + 1, first: entry, last: entry))
            }
        }
        return runs
    }
}
