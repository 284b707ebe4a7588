import DalleFormat
import DalleKernels
import DalleModels

/// The layers on weights as they lie in the file, with this machine's kernels and a pool of threads.
///
/// What a pass needs is allocated once; a row's numbers depend on its own sequence only.
final class FastTransformer: TransformerExecutor {
    static let computesPadding = false

    private let transformer: Transformer<FastDense>
    private let context: ComputeContext
    private let capacity: TransformerCapacity
    /// Of a pass of usual size, and of the current pass.
    private let usual: TransformerWorkspace
    private var space: TransformerWorkspace
    /// Keys and values for each layer, or for all in turn.
    private let caches: [AttentionCache]
    private let memories: [AttentionCache]
    private var projection: (inputs: ActivationRows, outputs: ActivationRows)?

    init(
        _ transformer: Transformer<FastDense>, _ context: ComputeContext, _ capacity: TransformerCapacity
    ) throws(DalleError) {
        self.transformer = transformer
        self.context = context
        self.capacity = capacity
        let stack = transformer.stack
        func cache(_ key: FastDense?, _ length: Int) throws(DalleError) -> AttentionCache {
            try AttentionCache(
                key?.weight.usesInt8Activations ?? false ? .int8 : .float32, sequences: capacity.sequences,
                heads: stack.heads,
                headWidth: stack.headWidth, length: length)
        }
        var caches: [AttentionCache] = []
        var memories: [AttentionCache] = []
        if capacity.isIncremental {
            for (number, described) in stack.layers.enumerated() {
                let layer = try transformer.layer(number)
                caches.append(try cache(layer.selfAttention.key, capacity.length))
                guard let cross = described.crossAttention else { continue }
                memories.append(try cache(layer.crossAttention?.key, cross.keyLength))
            }
        } else {
            caches.append(try cache(nil, capacity.length))
        }
        self.caches = caches
        self.memories = memories
        usual = try TransformerWorkspace(stack, capacity, rows: capacity.rows)
        space = usual
    }

    func embed(_ ids: [(token: Int, position: Int)], _ embedding: TokenEmbedding) throws(DalleError) {
        try makeRoom(rows: ids.count)
        try embedding.embed(ids, into: space.states, context.kernels)
    }

    func begin(_ states: Matrix) throws(DalleError) {
        try makeRoom(rows: states.rows)
        for row in 0..<states.rows { _ = space.states.row(row).update(fromContentsOf: states.row(row)) }
    }

    /// A pass of more rows than usual has a workspace of its own.
    private func makeRoom(rows: Int) throws(DalleError) {
        space = usual
        if rows > usual.rows { space = try TransformerWorkspace(transformer.stack, capacity, rows: rows) }
    }

    func remember(_ memories: [(number: Int, states: Matrix)]) throws(DalleError) {
        let places = memories.flatMap { memory in
            (0..<memory.states.rows).map { (sequence: memory.number, position: $0) }
        }
        guard !places.isEmpty else { return }
        func rows() throws(DalleError) -> ActivationRows {
            try ActivationRows(rows: places.count, columns: transformer.stack.width)
        }
        let (inputs, keys, values) = (try rows(), try rows(), try rows())
        var row = 0
        for memory in memories {
            for index in 0..<memory.states.rows {
                _ = inputs.row(row).update(fromContentsOf: memory.states.row(index))
                row += 1
            }
        }
        context.forEachRow(places.count) { [context] in context.kernels.quantize(inputs, row: $0) }
        for (number, cache) in self.memories.enumerated() {
            guard let cross = try transformer.layer(number).crossAttention else { continue }
            cross.fill(cache, inputs, keys, values, places, context)
        }
    }

    func run(_ entries: [TransformerEntry], layerIsDone: (Int) -> Void) throws(DalleError) {
        let (own, remembered) = (entries.map(\.own), entries.map(\.remembered))
        for number in transformer.stack.layers.indices {
            let layer = try transformer.layer(number)
            layer.selfAttention.run(space, caches[capacity.isIncremental ? number : 0], own, context)
            layer.crossAttention?.attendOnly(space, memories[number], remembered, context)
            layer.feedForward.run(space, count: entries.count, context)
            if transformer.releasesLayers { layer.release() }
            layerIsDone(number)
        }
    }

    func isFinite(_ rows: Range<Int>) -> Bool { space.states.isFinite(rows) }

    func normalized(_ rows: Range<Int>) throws(DalleError) -> Matrix {
        var result = Matrix(rows: rows.count, columns: transformer.stack.width)
        if let finalNorm = transformer.finalNorm {
            context.forEachRow(rows.count) { [space, context] in
                let row = rows.lowerBound + $0
                finalNorm.apply(space.states, into: space.output, row: row, context.kernels)
            }
        }
        let states = transformer.finalNorm == nil ? space.states : space.output
        for row in rows { result.setRow(row - rows.lowerBound, states.row(row)) }
        return result
    }

    func project(
        _ rows: [Int], _ layer: FastDense, into result: inout Matrix, at places: [Int]
    ) throws(DalleError) {
        guard !rows.isEmpty else { return }
        let (inputs, outputs) = try projectionRows(rows.count, outputs: layer.outputs)
        let finalNorm = transformer.finalNorm
        context.forEachRow(rows.count) { [space, context] row in
            if let finalNorm {
                finalNorm.apply(space.states, row: rows[row], into: inputs, row: row, context.kernels)
            } else {
                _ = inputs.row(row).update(fromContentsOf: space.states.row(rows[row]))
            }
            if layer.weight.usesInt8Activations { context.kernels.quantize(inputs, row: row) }
        }
        context.multiply(layer, inputs, count: rows.count, into: outputs)
        result.values.withUnsafeMutableBufferPointer { values in
            for (row, place) in places.enumerated() {
                _ = values[(place * outputs.columns)...].update(fromContentsOf: outputs.row(row))
            }
        }
    }

    private func projectionRows(
        _ count: Int, outputs: Int
    ) throws(DalleError) -> (inputs: ActivationRows, outputs: ActivationRows) {
        if capacity.isIncremental, let projection, projection.inputs.rows >= count,
            projection.outputs.columns == outputs
        {
            return projection
        }
        let rows = capacity.isIncremental ? max(count, capacity.sequences) : count
        let made = (
            inputs: try ActivationRows(
                rows: rows, columns: transformer.stack.width, usesInt16Activations: !capacity.isIncremental),
            outputs: try ActivationRows(rows: rows, columns: outputs, usesInt16Activations: !capacity.isIncremental)
        )
        projection = made
        return made
    }
}
