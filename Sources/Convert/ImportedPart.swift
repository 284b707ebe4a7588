public import DalleFormat

/// One component of a foreign checkpoint, ready to be written.
public struct ImportedPart: Sendable {
    public let component: Component
    /// Full canonical names, the component's in front, in the order they are written.
    public let tensors: [(name: String, source: any TensorSource)]
    /// Files it was read from.
    public let files: [String]
    /// What of the checkpoint was not taken along.
    public var leftOut: [String] = []
    /// What was decided for the user, to be said aloud.
    public var notes: [String] = []
}
