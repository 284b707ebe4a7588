public import DalleFormat

/// Settings of a model of image tokens.
public protocol TokenModelConfiguration: PartConfiguration {
    var interface: TokenInterface { get }

    /// Preparing a prompt of so many tokens that are no padding.
    func promptCost(_ tensors: PartTensors, tokens: Int) -> OperationCost

    /// A step of so many rows.
    ///
    /// - Parameter positions: The share of an image's positions that they look back on.
    func stepCost(_ tensors: PartTensors, rows: Int, positions: Double) -> OperationCost
}

/// Settings of a codec.
public protocol CodecConfiguration: PartConfiguration {
    /// Decoding a grid of tokens.
    func decodingCost(_ tensors: PartTensors, height: Int, width: Int) -> OperationCost
}

/// Settings of a scorer.
public protocol ScorerConfiguration: PartConfiguration {
    /// Looking at an image.
    func imageCost(_ tensors: PartTensors) -> OperationCost
}

/// The settings of the kinds of parts that have weights: the one place in this target that names the families.
public struct PartKinds: Sendable {
    private var types: [Component.Kind: any PartConfiguration.Type] = [:]

    public init(_ types: [any PartConfiguration.Type]) {
        for type in types { self.types[type.kind] = type }
    }

    public static let standard = PartKinds([
        BartConfiguration.self, VQGANConfiguration.self, CLIPConfiguration.self,
    ])

    public mutating func add(_ type: any PartConfiguration.Type) { types[type.kind] = type }

    public subscript(kind: Component.Kind) -> (any PartConfiguration.Type)? { types[kind] }

    /// A part's settings, held against its tensors; nil when its kind is not known or has no weights.
    public func configuration(
        of component: Component, in file: ModelFile
    ) throws(DalleError) -> (any PartConfiguration)? {
        guard let type = types[component.kind] else { return nil }
        return try type.read(component, file)
    }

    /// The first token model's settings; nil when the file has none.
    public func tokenModel(
        in file: ModelFile
    ) throws(DalleError) -> (settings: any TokenModelConfiguration, tensors: PartTensors)? {
        try first(in: file) { ($0 as? any TokenModelConfiguration.Type)?.read }
    }

    /// The first codec's settings; nil when the file has none.
    public func codec(
        in file: ModelFile
    ) throws(DalleError) -> (settings: any CodecConfiguration, tensors: PartTensors)? {
        try first(in: file) { ($0 as? any CodecConfiguration.Type)?.read }
    }

    /// The first scorer's settings; nil when the file has none.
    public func scorer(
        in file: ModelFile
    ) throws(DalleError) -> (settings: any ScorerConfiguration, tensors: PartTensors)? {
        try first(in: file) { ($0 as? any ScorerConfiguration.Type)?.read }
    }

    /// - Parameter reader: How settings of a role are read; nil for those of another.
    private func first<Settings>(
        in file: ModelFile,
        _ reader: (any PartConfiguration.Type) -> ((Component, ModelFile) throws(DalleError) -> Settings)?
    ) throws(DalleError) -> (settings: Settings, tensors: PartTensors)? {
        for component in file.components {
            guard let read = types[component.kind].flatMap(reader) else { continue }
            return (try read(component, file), PartTensors(file, component))
        }
        return nil
    }
}

extension PartConfiguration {
    fileprivate static func read(_ component: Component, _ file: ModelFile) throws(DalleError) -> Self {
        try file.configuration(of: component)
    }
}
