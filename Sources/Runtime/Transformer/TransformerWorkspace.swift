import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// What the rows of a pass need on their way through the layers, allocated once. A pass may have fewer rows, unless its
/// sequences are whole.
final class TransformerWorkspace: Sendable {
    let rows: Int
    /// The hidden states: what the residual connections carry.
    let states: ActivationRows
    /// The normalised input of a sublayer.
    let input: ActivationRows
    let queries: ActivationRows
    let keys: ActivationRows
    let values: ActivationRows
    /// The heads' results side by side.
    let heads: ActivationRows
    /// The scores of each row's heads, a row for each.
    let scores: ActivationRows
    /// What a sublayer adds to the states.
    let output: ActivationRows
    /// Of the feed-forward sublayers of each inner width.
    private let hidden: [Int: Hidden]

    /// Between the dense layers of a feed-forward sublayer; without a gate only `up`.
    struct Hidden: Sendable {
        let gate: ActivationRows?
        let up: ActivationRows
    }

    /// - Parameter rows: Of a pass whose sequences are whole, all of them.
    /// - Throws: `noMemory` when there is not so much.
    init(_ stack: TransformerStack, _ capacity: TransformerCapacity, rows: Int) throws(DalleError) {
        // Inputs of integer layers in more than 8 bits cost little where they are seen once.
        func matrix(_ columns: Int) throws(DalleError) -> ActivationRows {
            try ActivationRows(rows: rows, columns: columns, usesInt16Activations: !capacity.isIncremental)
        }
        let memory = stack.layers.compactMap { $0.crossAttention?.keyLength }.max() ?? 0
        self.rows = rows
        states = try matrix(stack.width)
        input = try matrix(stack.width)
        queries = try matrix(stack.width)
        keys = try matrix(stack.width)
        values = try matrix(stack.width)
        heads = try matrix(stack.width)
        scores = try ActivationRows(rows: rows * stack.heads, columns: max(capacity.length, memory))
        output = try matrix(stack.width)
        var hidden: [Int: Hidden] = [:]
        for layer in stack.layers.map(\.feedForward) {
            let known = hidden[layer.width]
            let up = if let known { known.up } else { try matrix(layer.width) }
            let gate = layer.isGated && known?.gate == nil ? try matrix(layer.width) : known?.gate
            hidden[layer.width] = Hidden(gate: gate, up: up)
        }
        self.hidden = hidden
    }

    /// - Parameter width: That a layer of the stack has.
    func hidden(_ width: Int) -> Hidden {
        guard let rows = hidden[width] else { preconditionFailure("a feed-forward width that the stack has not") }
        return rows
    }
}

extension ComputeContext {
    /// Calls `body` for each row on its own.
    func forEachRow(_ rows: Int, _ body: @Sendable (Int) -> Void) {
        pool.run(over: rows) { part in
            for row in part { body(row) }
        }
    }
}

extension ResidualNorms {
    /// The input of the sublayer, with bytes for weights that take them.
    func begin(_ space: TransformerWorkspace, row: Int, usesInt8Activations: Bool, _ kernels: Kernels) {
        if let pre { pre.apply(space.states, into: space.input, row: row, kernels) }
        if usesInt8Activations { kernels.quantize(input(space), row: row) }
    }

    /// Where `begin` leaves the input.
    func input(_ space: TransformerWorkspace) -> ActivationRows { pre == nil ? space.states : space.input }

    /// Takes the sublayer's output into the states.
    func end(_ space: TransformerWorkspace, row: Int, _ kernels: Kernels) {
        if let post { post.apply(space.output, into: space.output, row: row, kernels) }
        kernels.add(space.states, row: row, factor: residualScale, space.output, row: row)
        if let residual { residual.apply(space.states, into: space.states, row: row, kernels) }
    }
}
