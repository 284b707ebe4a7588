import DalleFormat
import DalleModels

/// Sequences that a stack goes on with, token by token: each row has its own, begins and ends on its own, and attends to a
/// memory of its own if the stack has cross-attention.
///
/// Rows that are begun with the same memory share its keys and values.
final class TransformerSession<Executor: TransformerExecutor> {
    private struct Row {
        /// Nil before it has been started.
        var memory: Int?
        var position = 0
    }

    /// States whose keys and values are kept, as long as a row attends to them.
    private struct Memory {
        var states: Matrix?
        var users = 0
    }

    /// What goes through the layers together.
    private struct Pass {
        var ids: [(token: Int, position: Int)] = []
        var entries: [TransformerEntry] = []
        /// Rows of the states that end a row's tokens, and where their logits go.
        var ends: [Int] = []
        var places: [Int] = []
    }

    private let stack: TransformerStack
    private let embedding: TokenEmbedding
    private let projection: Executor.Layer
    private let executor: Executor
    private var rows: [Row]
    private var memories: [Memory]
    /// What a step gives; filled again if nobody keeps it.
    private var result: Matrix
    /// The passes of the last step.
    private var passes: [Pass] = []

    /// Entries of a pass, at most, where rows bring several tokens: weights are read once for so many.
    private static var passLength: Int { 64 }

    /// - Parameters:
    ///   - rows: All are empty.
    ///   - projection: Gives the logits, so many for each row.
    init(
        _ transformer: Transformer<Executor.Layer>, _ embedding: TokenEmbedding, _ projection: Executor.Layer,
        logits: Int, rows: Int, _ context: ComputeContext
    ) throws(DalleError) {
        guard rows > 0 else { throw DalleError(.usage, "a session of \(rows) rows, expected 1 at least") }
        stack = transformer.stack
        self.embedding = embedding
        self.projection = projection
        executor = try Executor(
            transformer, context,
            TransformerCapacity(sequences: rows, length: stack.length, rows: rows, isIncremental: true))
        self.rows = Array(repeating: Row(), count: rows)
        memories = Array(repeating: Memory(), count: rows)
        result = Matrix(rows: rows, columns: logits)
    }

    /// Begins rows, again if they were used before.
    ///
    /// - Parameter starts: Rows with the states that they attend to; equal ones are computed once.
    /// - Throws: `usage` when there is no such row.
    func start(_ starts: [(row: Int, memory: Matrix)]) throws(DalleError) {
        let length = stack.layers.compactMap { $0.crossAttention?.keyLength }.min() ?? 0
        for (index, (row, memory)) in starts.enumerated() {
            try require(row)
            guard memory.columns == stack.width, (1...max(length, 1)).contains(memory.rows),
                !starts[..<index].contains(where: { $0.row == row })
            else {
                throw DalleError(
                    .usage,
                    "row \(row) is to attend to \(memory.rows) states of width \(memory.columns), or is there twice")
            }
        }
        for (row, _) in starts {
            if let old = rows[row].memory { memories[old].users -= 1 }
            rows[row] = Row()
        }
        var new: [(number: Int, states: Matrix)] = []
        var chosen: [(row: Int, memory: Int)] = []
        for (row, states) in starts {
            let number: Int
            if let made = new.first(where: { $0.states == states }) {
                number = made.number
            } else if let kept = memories.firstIndex(where: { $0.states == states }) {
                number = kept
            } else if let free = memories.firstIndex(where: { $0.users == 0 }) {
                number = free
                new.append((free, states))
                memories[free].states = nil
            } else {
                throw DalleError(.fault, "no room for what row \(row) attends to")
            }
            memories[number].users += 1
            chosen.append((row, number))
        }
        do throws(DalleError) {
            try executor.remember(new)
        } catch {
            for (_, memory) in chosen { memories[memory].users -= 1 }
            throw error
        }
        for (number, states) in new { memories[number].states = states }
        for (row, memory) in chosen { rows[row].memory = memory }
    }

    /// Takes the next tokens of some rows: one as a rule, or several that are known beforehand.
    ///
    /// - Parameter steps: Each row once.
    /// - Returns: The logits after the last token of each, `[steps, logits]`, in their order.
    /// - Throws: `usage` when a row has not been started or is full, or a token is outside the vocabulary.
    func step(_ steps: [(row: Int, tokens: [Int])]) throws(DalleError) -> Matrix {
        let passes = try passes(steps)
        if result.rows != steps.count { result = Matrix(rows: steps.count, columns: result.columns) }
        for pass in passes {
            try executor.embed(pass.ids, embedding)
            try executor.run(pass.entries) { _ in }
            try executor.project(pass.ends, projection, into: &result, at: pass.places)
        }
        for (row, tokens) in steps { rows[row].position += tokens.count }
        self.passes = passes
        return result
    }

    private func passes(_ steps: [(row: Int, tokens: [Int])]) throws(DalleError) -> [Pass] {
        var passes: [Pass] = []
        var pass = Pass()
        var seen = Set<Int>(minimumCapacity: steps.count)
        for (place, step) in steps.enumerated() {
            let (row, tokens) = step
            try require(row)
            guard let memory = rows[row].memory else {
                throw DalleError(.usage, "row \(row) has not been started")
            }
            guard seen.insert(row).inserted, !tokens.isEmpty else {
                throw DalleError(.usage, "row \(row) is to be there once and with one token at least")
            }
            let first = rows[row].position
            guard tokens.count <= stack.length - first else {
                throw DalleError(
                    .usage, "row \(row) has \(first) tokens and gets \(tokens.count) more, of \(stack.length) in all")
            }
            for (offset, token) in tokens.enumerated() {
                if pass.entries.count == max(rows.count, Self.passLength) {
                    passes.append(pass)
                    pass = Pass()
                }
                let position = first + offset
                pass.ids.append((token, position))
                pass.entries.append(
                    TransformerEntry(
                        sequence: row, position: position, visible: position + 1, memory: memory,
                        memoryLength: memories[memory].states?.rows ?? 0))
            }
            pass.ends.append(pass.entries.count - 1)
            pass.places.append(place)
        }
        if !pass.entries.isEmpty { passes.append(pass) }
        return passes
    }

    private func require(_ row: Int) throws(DalleError) {
        guard rows.indices.contains(row) else {
            throw DalleError(.usage, "there is no row \(row) among \(rows.count)")
        }
    }

    /// Does the last step once more: the first layer after which states are no numbers; nil when they all are.
    func faultyLayer() throws(DalleError) -> Int? {
        var faulty: Int?
        for pass in passes {
            try executor.embed(pass.ids, embedding)
            try executor.run(pass.entries) { layer in
                if layer < faulty ?? .max, !executor.isFinite(0..<pass.entries.count) { faulty = layer }
            }
        }
        return faulty
    }
}
