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
    public func tokenModel(
        _ context: ComputeContext, releasesLayers: Bool = false
    ) throws(DalleError) -> any ImageTokenModel {
        guard let load = try loader(registry.tokenModels) else {
            throw DalleError(
                .missingInput, "holds no text-to-codes model", remedy: "Make one with dalle-convert flax",
                file: file.path)
        }
        return try load(file, ModelRegistry.LoadOptions(context, releasesLayers: releasesLayers))
    }

    /// - Throws: `missingInput` when the file has no such part, `badData` when its settings and tensors do not fit.
    public func codec(_ context: ComputeContext) throws(DalleError) -> any ImageCodec {
        guard let load = try loader(registry.codecs) else {
            throw DalleError(
                .missingInput, "holds no VQGAN, which makes pictures of codes",
                remedy:
                    "Add one: dalle-convert vqgan SOURCE -o vqgan.dalle, then dalle-convert merge FILE vqgan.dalle -o NEW",
                file: file.path)
        }
        return try load(file, ModelRegistry.LoadOptions(context))
    }

    /// - Throws: `missingInput` when the file has no such part or lacks its tokenizer, `badData` when its settings and tensors do
    ///   not fit.
    public func scorer(_ context: ComputeContext) throws(DalleError) -> any TextImageScorer {
        guard let load = try loader(registry.scorers) else {
            throw DalleError(
                .missingInput, "holds no CLIP, which judges how well a picture fits a text",
                remedy:
                    "Add one: dalle-convert clip SOURCE -o clip.dalle, then dalle-convert merge FILE clip.dalle -o NEW",
                file: file.path)
        }
        return try load(file, ModelRegistry.LoadOptions(context))
    }

    private func role(_ kind: Component.Kind) -> Role? {
        registry.tokenModels[kind] != nil
            ? .tokenModel : registry.codecs[kind] != nil ? .codec : registry.scorers[kind] != nil ? .scorer : nil
    }

    /// What loads the part of a role; nil when there is none.
    private func loader<Part>(
        _ loaders: [Component.Kind: ModelRegistry.Loader<Part>]
    ) throws(DalleError) -> ModelRegistry.Loader<Part>? {
        let found = file.components.filter { loaders[$0.kind] != nil }
        guard found.count <= 1 else {
            throw DalleError(
                .badData, "has \(found.count) parts for one role: \(found.map(\.name).joined(separator: ", "))",
                file: file.path)
        }
        return found.first.flatMap { loaders[$0.kind] }
    }
}
