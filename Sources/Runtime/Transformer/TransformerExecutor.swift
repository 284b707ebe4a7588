import DalleFormat
import DalleModels

/// A token on its way through a stack: the key and value that it brings along are kept at `position` of `sequence`, and it
/// attends to the first `visible` positions there.
struct TransformerEntry: Sendable, Equatable {
    let sequence: Int
    let position: Int
    let visible: Int
    /// Of cross-attention: whose keys and values, and how many.
    var memory = 0
    var memoryLength = 0

    var own: AttentionTarget { AttentionTarget(sequence: sequence, positions: visible, position: position) }
    var remembered: AttentionTarget {
        AttentionTarget(sequence: memory, positions: memoryLength, position: position)
    }
}

/// Whose keys and values a row attends to, and how many of them.
struct AttentionTarget: Sendable {
    let sequence: Int
    let positions: Int
    /// Of the query in its own sequence.
    let position: Int
}

/// What an executor has room for.
struct TransformerCapacity: Sendable {
    /// Sequences that keys and values are kept of.
    let sequences: Int
    /// Positions of each.
    let length: Int
    /// Entries of a pass, as a rule.
    let rows: Int
    /// Keys and values are kept from one pass to the next. Otherwise all sequences are whole in a pass, which is the only one:
    /// then layers share the room for keys and values, and integer weights take inputs of some 15 bits.
    let isIncremental: Bool
}

/// One route's way of taking hidden states through a stack of layers.
///
/// A pass takes a list of entries, a row of the states for each, in any order but that of a sequence: several positions of a
/// sequence may be in it, one after the other, and every sequence is at a position of its own.
protocol TransformerExecutor: AnyObject {
    associatedtype Layer: DenseLayer

    /// Whether tokens of padding, which none attends to, are computed as well.
    static var computesPadding: Bool { get }

    /// - Throws: `noMemory` when there is too little for the capacity.
    init(
        _ transformer: Transformer<Layer>, _ context: ComputeContext, _ capacity: TransformerCapacity
    ) throws(DalleError)

    /// Begins a pass with the states of tokens at given positions.
    func embed(_ ids: [(token: Int, position: Int)], _ embedding: TokenEmbedding) throws(DalleError)

    /// Begins a pass with given states.
    func begin(_ states: Matrix) throws(DalleError)

    /// Keeps what cross-attention attends to: the keys and values of other states, for each layer.
    ///
    /// - Parameter memories: The states with the number under which entries name them, which is below the number of sequences.
    func remember(_ memories: [(number: Int, states: Matrix)]) throws(DalleError)

    /// Takes the states through all layers.
    ///
    /// - Parameters:
    ///   - entries: One for each row of the states.
    ///   - layerIsDone: called after each layer.
    func run(_ entries: [TransformerEntry], layerIsDone: (Int) -> Void) throws(DalleError)

    /// Whether all numbers of some rows are finite.
    func isFinite(_ rows: Range<Int>) -> Bool

    /// Some rows of the states, after the final norm.
    func normalized(_ rows: Range<Int>) throws(DalleError) -> Matrix

    /// Some rows of the states after the final norm and a dense layer.
    ///
    /// - Parameters:
    ///   - result: Gets a row for each.
    ///   - places: The rows of the result.
    func project(
        _ rows: [Int], _ layer: Layer, into result: inout Matrix, at places: [Int]
    ) throws(DalleError)
}
