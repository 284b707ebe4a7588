public import DalleFormat

/// One part of a model as an importer delivers it: described, its tensors not read yet.
public struct ImportedPart: Sendable {
    public let component: Component
    /// Canonical names, with the component's, in the order in which they are written.
    public let tensors: [(name: String, source: ForeignTensor)]
    /// What the checkpoint holds beside them, for people: names of groups of tensors and of other entries.
    public let leftOut: [String]
    /// What was assumed or chosen, for people.
    public let notes: [String]
}
