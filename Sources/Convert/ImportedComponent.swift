public import DalleFormat

/// One component read from a checkpoint, ready to be written.
public struct ImportedComponent: Sendable {
    public struct Tensor: Sendable {
        /// Full canonical name, the component's in front.
        public let name: String
        public let source: any TensorSource
        /// Read again for every sampled token: stored uncompressed, so that it can be used in place in the mapped file.
        public let isReadRepeatedly: Bool
        /// A network's parameter, whose type may be changed; vocabulary tables keep theirs.
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
    /// What was skipped in the checkpoint.
    public let leftOut: [String]
    /// Assumptions made for the user, to be printed.
    public var notes: [String]
    /// The files that were opened for it, to detect changes made while converting.
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
