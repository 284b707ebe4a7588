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
    /// Those of the memories, for each layer.
    private var memoryKeys: [PlainCache]
    private var memoryValues: [PlainCache]

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
        func caches(_ count: Int, _ length: Int) -> [PlainCache] {
            Array(
                repeating: PlainCache(sequences: capacity.sequences, length: length, width: stack.width), count: count)
        }
        keys = caches(isIncremental ? layers : 1, capacity.length)
        values = keys
        memoryKeys = caches(memory > 0 ? layers : 0, memory)
        memoryValues = memoryKeys
    }

    func embed(_ ids: [(token: Int, position: Int)], _ embedding: TokenEmbedding) throws(DalleError) {
        states = try embedding(ids)
    }

    func begin(_ states: Matrix) throws(DalleError) { self.states = states }

    func remember(_ memories: [(number: Int, states: Matrix)]) throws(DalleError) {
        for number in transformer.stack.layers.indices {
            guard let cross = try transformer.layer(number).crossAttention else { continue }
            for (memory, states) in memories {
                let places = (0..<states.rows).map { (sequence: memory, position: $0) }
                memoryKeys[number].store(cross.keys(states, context), places)
                memoryValues[number].store(cross.value(states, context), places)
            }
        }
    }

    func run(_ entries: [TransformerEntry], layerIsDone: (Int) -> Void) throws(DalleError) {
        let context = context.observing(entries.indices.filter { entries[$0].position < entries[$0].visible })
        let places = entries.map { (sequence: $0.sequence, position: $0.position) }
        let runs = EntryRun.runs(of: entries)
        for number in transformer.stack.layers.indices {
            let layer = try transformer.layer(number)
            let kept = isIncremental ? number : 0
            layer.selfAttention.norms(&states) { x in
                keys[kept].store(layer.selfAttention.keys(x, context), places)
                values[kept].store(layer.selfAttention.value(x, context), places)
                return layer.selfAttention.attend(x, keys[kept], values[kept], runs, \.own, context)
            }
            if let cross = layer.crossAttention {
                cross.norms(&states) { x in
                    cross.attend(x, memoryKeys[number], memoryValues[number], runs, \.remembered, context)
                }
            }
            layer.feedForward(&states, context)
            layerIsDone(number)
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

extension AttentionSublayer<Dense> {
    /// What each row's query finds among keys and values, after the output projection.
    fileprivate func attend(
        _ x: Matrix, _ keys: PlainCache, _ values: PlainCache, _ runs: [EntryRun],
        _ target: KeyPath<TransformerEntry, AttentionTarget>, _ context: ComputeContext
    ) -> Matrix {
        let queries = queries(x, context)
        var heads = Matrix(rows: x.rows, columns: x.columns)
        for run in runs {
            let (first, last) = (run.first[keyPath: target], run.last[keyPath: target])
            let found = attention(
                queries.selecting(run.rows), firstPosition: first.position, keys: keys.sequence(first.sequence),
                values: values.sequence(first.sequence), visible: last.positions, context)
            heads.values.replaceSubrange(
                run.rows.lowerBound * x.columns..<run.rows.upperBound * x.columns, with: found.values)
        }
        return project(heads, context)
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
