import DalleFormat
import DalleKernels
import DalleThreads

extension AttentionSublayer<FastDense> {
    /// Self-attention: every row brings a key and a value along.
    ///
    /// - Parameter targets: One for each row; its key is stored at `position` of its sequence.
    func run(
        _ space: TransformerWorkspace, _ cache: AttentionCache, _ targets: [AttentionTarget], _ context: ComputeContext
    ) {
        let (kernels, count, heads) = (context.kernels, targets.count, attention.heads)
        let x = begin(
            space, count,
            usesInt8Activations: query.weight.usesInt8Activations || key.weight.usesInt8Activations
                || value.weight.usesInt8Activations,
            context)
        context.multiply((query, key, value), x, count: count, into: (space.queries, space.keys, space.values))
        context.pool.run(over: count * heads) { part in
            for index in part {
                let (row, head) = index.quotientAndRemainder(dividingBy: heads)
                store(
                    cache, space.keys, space.values, row, head, sequence: targets[row].sequence,
                    position: targets[row].position, kernels)
            }
        }
        attend(space, cache, targets, context)
        finish(space, count, context)
    }

    /// Cross-attention: keys and values are there.
    func attendOnly(
        _ space: TransformerWorkspace, _ cache: AttentionCache, _ targets: [AttentionTarget], _ context: ComputeContext
    ) {
        let x = begin(space, targets.count, usesInt8Activations: query.weight.usesInt8Activations, context)
        context.multiply(query, x, count: targets.count, into: space.queries)
        attend(space, cache, targets, context)
        finish(space, targets.count, context)
    }

    /// Keeps the keys and values of states that others will attend to.
    ///
    /// - Parameters:
    ///   - x: With bytes if the weights take them.
    ///   - keys: Room for them, as for the values.
    func fill(
        _ cache: AttentionCache, _ x: ActivationRows, _ keys: ActivationRows, _ values: ActivationRows,
        _ places: [(sequence: Int, position: Int)], _ context: ComputeContext
    ) {
        context.multiply(key, x, count: places.count, into: keys)
        context.multiply(value, x, count: places.count, into: values)
        context.forEachRow(places.count) { row in
            for head in 0..<attention.heads {
                store(
                    cache, keys, values, row, head, sequence: places[row].sequence, position: places[row].position,
                    context.kernels)
            }
        }
        // Not read again for these states.
        key.weight.release()
        value.weight.release()
    }

    private func begin(
        _ space: TransformerWorkspace, _ count: Int, usesInt8Activations: Bool, _ context: ComputeContext
    ) -> ActivationRows {
        context.forEachRow(count) {
            norms.begin(space, row: $0, usesInt8Activations: usesInt8Activations, context.kernels)
        }
        return norms.input(space)
    }

    private func store(
        _ cache: AttentionCache, _ keys: ActivationRows, _ values: ActivationRows, _ row: Int, _ head: Int,
        sequence: Int, position: Int, _ kernels: Kernels
    ) {
        let columns = head * attention.headWidth..<(head + 1) * attention.headWidth
        if attention.cosineTau != nil { kernels.normalize(keys, row: row, columns: columns) }
        cache.store(
            keys: keys, values: values, row: row, column: columns.lowerBound, sequence: sequence, head: head,
            position: position, kernels)
    }

    private func attend(
        _ space: TransformerWorkspace, _ cache: AttentionCache, _ targets: [AttentionTarget], _ context: ComputeContext
    ) {
        let kernels = context.kernels
        let (heads, width) = (attention.heads, attention.headWidth)
        let scale = 1 / (attention.cosineTau ?? Float(width).squareRoot())
        context.pool.run(over: targets.count * heads) { part in
            for index in part {
                let (row, head) = index.quotientAndRemainder(dividingBy: heads)
                let target = targets[row]
                let columns = head * width..<(head + 1) * width
                if attention.cosineTau != nil { kernels.normalize(space.queries, row: row, columns: columns) }
                cache.attend(
                    queries: space.queries, scores: space.scores, answers: space.heads, row: row,
                    column: columns.lowerBound,
                    sequence: target.sequence, head: head, positions: target.positions, scale: scale,
                    outputScale: attention.headScale?.elements[head] ?? 1,
                    bias: attention.positionBias?.elements(head, target.position), kernels)
            }
        }
    }

    private func finish(_ space: TransformerWorkspace, _ count: Int, _ context: ComputeContext) {
        let kernels = context.kernels
        context.forEachRow(count) { row in
            if let inner { inner.apply(space.heads, into: space.heads, row: row, kernels) }
            if output.weight.usesInt8Activations { kernels.quantize(space.heads, row: row) }
        }
        context.multiply(output, space.heads, count: count, into: space.output)
        context.forEachRow(count) { norms.end(space, row: $0, kernels) }
    }
}

extension FeedForwardSublayer<FastDense> {
    func run(_ space: TransformerWorkspace, count: Int, _ context: ComputeContext) {
        let kernels = context.kernels
        let usesInt8Activations = up.weight.usesInt8Activations || gate?.weight.usesInt8Activations ?? false
        context.forEachRow(count) { norms.begin(space, row: $0, usesInt8Activations: usesInt8Activations, kernels) }
        let (x, activation) = (norms.input(space), activation.kernel)
        let rows = space.hidden(up.outputs)
        let hidden = gate.flatMap { _ in rows.gate } ?? rows.up
        // The activation takes what it needs while it is in the cache.
        context.pool.run(over: up.outputs, step: ComputeContext.rowsOfTile, least: ComputeContext.leastOutputs) {
            range in
            up.compute(range, x, count: count, into: rows.up, kernels)
            gate?.compute(range, x, count: count, into: hidden, kernels)
            for row in 0..<count {
                kernels.activate(hidden, row: row, columns: range, activation, times: gate == nil ? nil : rows.up)
            }
        }
        context.forEachRow(count) { row in
            if let inner { inner.apply(hidden, into: hidden, row: row, kernels) }
            if down.weight.usesInt8Activations { kernels.quantize(hidden, row: row) }
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
