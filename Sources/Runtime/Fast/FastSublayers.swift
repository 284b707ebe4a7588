import DalleFormat
import DalleKernels
import DalleThreads

extension AttentionSublayer<FastDense> {
    /// Whose keys and values a row attends to, and how many of them.
    struct Target: Sendable {
        let sequence: Int
        var positions: Int
        /// Of the query in its own sequence.
        var position: Int
    }

    /// Self-attention: every row brings a key and a value along.
    ///
    /// - Parameter targets: One for each row; its key is stored at `position` of its sequence.
    func run(_ space: FastWorkspace, _ cache: AttentionCache, _ targets: [Target], _ context: ComputeContext) {
        let kernels = context.kernels
        let x = begin(
            space, takesBytes: query.weight.takesBytes || key.weight.takesBytes || value.weight.takesBytes, context)
        context.multiply((query, key, value), x, count: space.rows, into: (space.queries, space.keys, space.values))
        let heads = attention.heads
        context.pool.run(over: space.rows * heads) { part in
            for index in part {
                let (row, head) = index.quotientAndRemainder(dividingBy: heads)
                store(
                    space, row, head, cache, sequence: targets[row].sequence, position: targets[row].position, kernels)
            }
        }
        attend(space, cache, targets, context)
        finish(space, context)
    }

    /// Cross-attention: keys and values are those of the prompts.
    func attendOnly(_ space: FastWorkspace, _ cache: AttentionCache, _ targets: [Target], _ context: ComputeContext) {
        let x = begin(space, takesBytes: query.weight.takesBytes, context)
        context.multiply(query, x, count: space.rows, into: space.queries)
        attend(space, cache, targets, context)
        finish(space, context)
    }

    /// The keys and values of rows that others will attend to, a sequence after the other.
    ///
    /// - Parameter x: With bytes if the weights take them.
    func fill(
        _ cache: AttentionCache, _ x: ActivationRows, _ places: [(sequence: Int, position: Int)],
        _ space: FastWorkspace, _ context: ComputeContext
    ) {
        context.multiply(key, x, count: space.rows, into: space.keys)
        context.multiply(value, x, count: space.rows, into: space.values)
        context.forEachRow(space.rows) { row in
            for head in 0..<attention.heads {
                store(
                    space, row, head, cache, sequence: places[row].sequence, position: places[row].position,
                    context.kernels)
            }
        }
    }

    /// Room for the keys and values of some sequences.
    ///
    /// - Parameter isFine: As in the workspace: whole numbers are not rounded to bytes here.
    func cache(sequences: Int, length: Int, isFine: Bool = false) throws(DalleError) -> AttentionCache {
        try AttentionCache(
            key.weight.takesBytes && !isFine ? .int8 : .float32, sequences: sequences, heads: attention.heads,
            headWidth: attention.headWidth, length: length)
    }

    private func begin(_ space: FastWorkspace, takesBytes: Bool, _ context: ComputeContext) -> ActivationRows {
        context.forEachRow(space.rows) { norms.begin(space, row: $0, takesBytes: takesBytes, context.kernels) }
        return norms.input(space)
    }

    private func store(
        _ space: FastWorkspace, _ row: Int, _ head: Int, _ cache: AttentionCache, sequence: Int, position: Int,
        _ kernels: Kernels
    ) {
        let columns = head * attention.headWidth..<(head + 1) * attention.headWidth
        if attention.cosineTau != nil { kernels.normalize(space.keys, row: row, columns: columns) }
        cache.store(
            keys: space.keys, values: space.values, row: row, column: columns.lowerBound, sequence: sequence,
            head: head, position: position, kernels)
    }

    private func attend(
        _ space: FastWorkspace, _ cache: AttentionCache, _ targets: [Target], _ context: ComputeContext
    ) {
        let kernels = context.kernels
        let (heads, width) = (attention.heads, attention.headWidth)
        let scale = 1 / (attention.cosineTau ?? Float(width).squareRoot())
        context.pool.run(over: space.rows * heads) { part in
            for index in part {
                let (row, head) = index.quotientAndRemainder(dividingBy: heads)
                let target = targets[row]
                let columns = head * width..<(head + 1) * width
                if attention.cosineTau != nil { kernels.normalize(space.queries, row: row, columns: columns) }
                cache.attend(
                    queries: space.queries, scores: space.scores, answers: space.heads, row: row,
                    column: columns.lowerBound,
                    sequence: target.sequence, head: head, positions: target.positions, scale: scale,
                    gain: attention.headScale?.elements[head] ?? 1,
                    bias: attention.positionBias?.elements(head, target.position), kernels)
            }
        }
    }

    private func finish(_ space: FastWorkspace, _ context: ComputeContext) {
        let kernels = context.kernels
        context.forEachRow(space.rows) { row in
            if let inner { inner.apply(space.heads, into: space.heads, row: row, kernels) }
            if output.weight.takesBytes { kernels.quantize(space.heads, row: row) }
        }
        context.multiply(output, space.heads, count: space.rows, into: space.output)
        context.forEachRow(space.rows) { norms.end(space, row: $0, kernels) }
    }
}

extension TransformerLayer<FastDense> {
    /// Gives mapped weights back to the system until they are read again.
    func release() {
        for sublayer in [selfAttention, crossAttention].compactMap(\.self) {
            for layer in [sublayer.query, sublayer.key, sublayer.value, sublayer.output] { layer.weight.release() }
        }
        for layer in [feedForward.gate, feedForward.up, feedForward.down] { layer?.weight.release() }
    }
}

extension FeedForwardSublayer<FastDense> {
    func run(_ space: FastWorkspace, _ context: ComputeContext) {
        let kernels = context.kernels
        let takesBytes = up.weight.takesBytes || gate?.weight.takesBytes ?? false
        context.forEachRow(space.rows) { norms.begin(space, row: $0, takesBytes: takesBytes, kernels) }
        let (x, count, activation) = (norms.input(space), space.rows, activation.kernel)
        // The activation takes what it needs while it is in the cache.
        context.pool.run(over: up.outputs, step: ComputeContext.rowsOfTile, least: ComputeContext.leastOutputs) {
            range in
            up.compute(range, x, count: count, into: space.up, kernels)
            if let gate, let gated = space.gate {
                gate.compute(range, x, count: count, into: gated, kernels)
                for row in 0..<count { kernels.activate(gated, row: row, columns: range, activation, times: space.up) }
            } else {
                for row in 0..<count { kernels.activate(space.up, row: row, columns: range, activation, times: nil) }
            }
        }
        let hidden = space.gate ?? space.up
        context.forEachRow(count) { row in
            if let inner { inner.apply(hidden, into: hidden, row: row, kernels) }
            if down.weight.takesBytes { kernels.quantize(hidden, row: row) }
        }
        context.multiply(down, hidden, count: count, into: space.output)
        context.forEachRow(count) { norms.end(space, row: $0, kernels) }
    }
}

extension FloatTensor {
    /// The biases of a head's query for all keys, of `[heads, queries, keys]`.
    @_lifetime(borrow self)
    fileprivate func elements(_ head: Int, _ query: Int) -> Span<Float> {
        let start = (head * shape[1] + query) * shape[2]
        return elements.extracting(start..<start + shape[2])
    }
}
