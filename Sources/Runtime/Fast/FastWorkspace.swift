import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// What the rows of a batch need on their way through the layers of one side, allocated once.
final class FastWorkspace: Sendable {
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
    /// Gate and up of a feed-forward sublayer; without GLU only up.
    let gate: ActivationRows?
    let up: ActivationRows

    /// - Parameters:
    ///   - positions: That a row attends to, at most.
    ///   - isFine: Whether layers of whole numbers take their inputs in more than 8 bits, which needs `rows` for all of them.
    /// - Throws: `noMemory` when there is not so much.
    init(
        width: Int, feedForwardWidth: Int, isGated: Bool, heads: Int, positions: Int, rows: Int, isFine: Bool
    ) throws(DalleError) {
        func matrix(_ columns: Int) throws(DalleError) -> ActivationRows {
            try ActivationRows(rows: rows, columns: columns, isFine: isFine)
        }
        self.rows = rows
        states = try matrix(width)
        input = try matrix(width)
        queries = try matrix(width)
        keys = try matrix(width)
        values = try matrix(width)
        self.heads = try matrix(width)
        scores = try ActivationRows(rows: rows * heads, columns: positions)
        output = try matrix(width)
        gate = isGated ? try matrix(feedForwardWidth) : nil
        up = try matrix(feedForwardWidth)
    }

    convenience init(
        _ configuration: BartConfiguration, _ side: BartConfiguration.Side, rows: Int, isFine: Bool = false
    ) throws(DalleError) {
        try self.init(
            width: configuration.width, feedForwardWidth: configuration[side].feedForwardWidth,
            isGated: configuration.usesGLU, heads: configuration[side].heads,
            positions: max(configuration.imageLength, configuration.textLength), rows: rows, isFine: isFine)
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
    func begin(_ space: FastWorkspace, row: Int, takesBytes: Bool, _ kernels: Kernels) {
        if let pre { pre.apply(space.states, into: space.input, row: row, kernels) }
        if takesBytes { kernels.quantize(input(space), row: row) }
    }

    /// Where `begin` leaves the input.
    func input(_ space: FastWorkspace) -> ActivationRows { pre == nil ? space.states : space.input }

    /// Takes the sublayer's output into the states.
    func end(_ space: FastWorkspace, row: Int, _ kernels: Kernels) {
        if let post { post.apply(space.output, into: space.output, row: row, kernels) }
        kernels.add(space.states, row: row, factor: residualScale, space.output, row: row)
        if let residual { residual.apply(space.states, into: space.states, row: row, kernels) }
    }
}
