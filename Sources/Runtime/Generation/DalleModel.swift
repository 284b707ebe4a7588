public import DalleFormat
public import DalleModels

/// A model file and what can be done with it. Opening reads the file's index; weights are read by whoever computes with them.
///
///     let model = try DalleModel("mini.dalle")
///     print(model.parts.map(\.kind))
public struct DalleModel: Sendable {
    /// What a part is good for.
    public enum Role: String, CaseIterable, Sendable {
        /// Makes image tokens of a text.
        case tokenModel = "token model"
        /// Makes pixels of image tokens, and tokens of pixels.
        case codec
        /// Ranks images by a text.
        case scorer
    }

    public struct Part: Sendable {
        public let name: String
        public let kind: Component.Kind
        /// Nil for tokenizers, tables and kinds that the registry does not know.
        public let role: Role?
        public let settings: MetadataMap
        /// Numbers in its tensors, and the bytes they take in memory.
        public let parameterCount: Int
        public let byteCount: Int
    }

    public let file: ModelFile
    public let registry: ModelRegistry

    /// - Throws: `missingInput` when there is no such file, `badData` when it is no model file or its index is damaged.
    public init(_ path: String, registry: ModelRegistry = .standard) throws(DalleError) {
        self.init(try ModelFile(path), registry: registry)
    }

    public init(_ file: ModelFile, registry: ModelRegistry = .standard) {
        self.file = file
        self.registry = registry
    }

    public var parts: [Part] {
        file.components.map { component in
            let tensors = file.tensors(of: component)
            return Part(
                name: component.name, kind: component.kind, role: role(component.kind),
                settings: component.configuration, parameterCount: tensors.reduce(0) { $0 + $1.shape.count },
                byteCount: tensors.reduce(0) { $0 + $1.byteCount })
        }
    }

    /// The file's defaults, else upstream's.
    public func defaults() throws(DalleError) -> GenerationDefaults { try GenerationDefaults(file) }

    /// The part that has a role; nil when there is none.
    public func component(_ role: Role) -> Component? { file.components.first { self.role($0.kind) == role } }

    public func has(_ role: Role) -> Bool { component(role) != nil }

    /// - Throws: `missingInput` when the file has no such part, `badData` when its settings and tensors do not fit.
    public func tokenModel(_ context: ComputeContext) throws(DalleError) -> any ImageTokenModel {
        try load(registry.tokenModels, .tokenModel, context)
    }

    /// - Throws: as `tokenModel`.
    public func codec(_ context: ComputeContext) throws(DalleError) -> any ImageCodec {
        try load(registry.codecs, .codec, context)
    }

    /// - Throws: as `tokenModel`; also `missingInput` when its tokenizer is not there.
    public func scorer(_ context: ComputeContext) throws(DalleError) -> any TextImageScorer {
        try load(registry.scorers, .scorer, context)
    }

    private func role(_ kind: Component.Kind) -> Role? {
        registry.tokenModels[kind] != nil
            ? .tokenModel : registry.codecs[kind] != nil ? .codec : registry.scorers[kind] != nil ? .scorer : nil
    }

    private func load<Part>(
        _ loaders: [Component.Kind: ModelRegistry.Loader<Part>], _ role: Role, _ context: ComputeContext
    ) throws(DalleError) -> Part {
        let found = file.components.filter { loaders[$0.kind] != nil }
        guard found.count <= 1 else {
            throw DalleError(
                .badData, "has \(found.count) parts for one role: \(found.map(\.name).joined(separator: ", "))",
                file: file.path)
        }
        guard let load = found.first.flatMap({ loaders[$0.kind] }) else { throw role.missing(in: file) }
        return try load(file, context)
    }
}

extension DalleModel.Role {
    /// The error for a file without such a part.
    func missing(in file: ModelFile) -> DalleError {
        func addition(_ kind: String) -> String {
            "Add one: dalle-convert \(kind) SOURCE -o \(kind).dalle, then dalle-convert merge FILE \(kind).dalle -o NEW"
        }
        let (problem, remedy) =
            switch self {
            case .tokenModel: ("holds no text-to-codes model", "Make one with dalle-convert flax")
            case .codec: ("holds no VQGAN, which makes pictures of codes", addition("vqgan"))
            case .scorer: ("holds no CLIP, which judges how well a picture fits a text", addition("clip"))
            }
        return DalleError(.missingInput, problem, remedy: remedy, file: file.path)
    }
}
