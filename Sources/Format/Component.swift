/// One part of a model: a network, a tokenizer, a word list.
///
/// A part's tensors are those whose names start with the part's name and a full stop.
public struct Component: Sendable, Equatable {
    /// What a part is. The file takes any; a kind that is not known is refused by whoever needs that part, not at opening.
    public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public init(_ name: String) { self.init(rawValue: name) }

        public var description: String { rawValue }
    }

    public let name: String
    public let kind: Kind
    public let configuration: MetadataMap

    public init(name: String, kind: Kind, configuration: MetadataMap) {
        self.name = name
        self.kind = kind
        self.configuration = configuration
    }
}
