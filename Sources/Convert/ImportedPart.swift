public import DalleFormat

/// One component of a foreign checkpoint, ready to be written.
public struct ImportedPart: Sendable {
    public struct Tensor: Sendable {
        /// Full canonical name, the component's in front.
        public let name: String
        public let source: any TensorSource
        /// Needed again for every code that is drawn: it must be usable where it lies in the file.
        public let isReadRepeatedly: Bool
        /// A parameter of a network, whose type may be changed; tables of words and tokens stay as they are.
        public let isWeight: Bool

        public init(name: String, source: any TensorSource, isReadRepeatedly: Bool = false, isWeight: Bool = true) {
            self.name = name
            self.source = source
            self.isReadRepeatedly = isReadRepeatedly
            self.isWeight = isWeight
        }
    }

    public let component: Component
    /// In the order they are written.
    public let tensors: [Tensor]
    /// Files it was read from.
    public let files: [String]
    /// What of the checkpoint was not taken along.
    public let leftOut: [String]
    /// What was decided for the user, to be said aloud.
    public var notes: [String]
    /// The files that were opened for it, to be compared at the end with what they were then.
    let watch: SourceWatch?

    public init(
        component: Component, tensors: [Tensor], files: [String], leftOut: [String] = [], notes: [String] = []
    ) {
        self.component = component
        self.tensors = tensors
        self.files = files
        self.leftOut = leftOut
        self.notes = notes
        watch = SourceWatch.current
    }

    /// Bytes of all tensors before compression.
    public var byteCount: Int { tensors.reduce(0) { $0 + $1.source.shape.byteCount($1.source.dtype) } }
}
