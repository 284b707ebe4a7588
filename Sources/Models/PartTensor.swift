public import DalleFormat

/// A tensor that a part must have: its name, without the part's, and its shape.
public struct PartTensor: Sendable, Equatable {
    public let name: String
    public let shape: Shape
}

extension PartConfiguration {
    /// All tensors, in the order they are written.
    ///
    /// - Throws: `badData` for a shape that is too large to exist.
    public func tensors() throws(DalleError) -> [PartTensor] {
        var list: [PartTensor] = []
        try forEachTensor { list.append(PartTensor(name: $0, shape: $1)) }
        return list
    }
}
