public import DalleFormat
public import DalleModels

/// Who reads which kind of part: the one place that names the families.
///
/// A kind of one's own is added to a copy:
///
///     var registry = ModelRegistry.standard
///     registry.add(codec: PaletteCodec.kind) { file, _ throws(DalleError) in try PaletteCodec(file) }
///     let model = try DalleModel("mine.dalle", registry: registry)
public struct ModelRegistry: Sendable {
    /// Makes a part of a model file usable. Reads settings and tables; weights when they are needed.
    public typealias Loader<Part> = @Sendable (ModelFile, ComputeContext) throws(DalleError) -> Part

    /// Settings: tensors, cost and memory.
    public var parts: PartKinds
    public var tokenModels: [Component.Kind: Loader<any ImageTokenModel>]
    public var codecs: [Component.Kind: Loader<any ImageCodec>]
    public var scorers: [Component.Kind: Loader<any TextImageScorer>]

    public init(
        parts: PartKinds = PartKinds([]), tokenModels: [Component.Kind: Loader<any ImageTokenModel>] = [:],
        codecs: [Component.Kind: Loader<any ImageCodec>] = [:],
        scorers: [Component.Kind: Loader<any TextImageScorer>] = [:]
    ) {
        self.parts = parts
        self.tokenModels = tokenModels
        self.codecs = codecs
        self.scorers = scorers
    }

    // Swift 6.3 crashes on closures that throw a certain type and are assigned to a dictionary's subscript: so these.

    /// Adds a kind of token model, or takes another one's place.
    public mutating func add(tokenModel kind: Component.Kind, _ load: @escaping Loader<any ImageTokenModel>) {
        tokenModels[kind] = load
    }

    /// Adds a kind of codec, or takes another one's place.
    public mutating func add(codec kind: Component.Kind, _ load: @escaping Loader<any ImageCodec>) {
        codecs[kind] = load
    }

    /// Adds a kind of scorer, or takes another one's place.
    public mutating func add(scorer kind: Component.Kind, _ load: @escaping Loader<any TextImageScorer>) {
        scorers[kind] = load
    }

    /// The families of this package.
    public static let standard = ModelRegistry(
        parts: .standard,
        tokenModels: [.dalleBart: { file, context throws(DalleError) in try BartModel(file, context) }],
        codecs: [.vqgan: { file, context throws(DalleError) in try VQGANCodec(file, context) }],
        scorers: [.clip: { file, context throws(DalleError) in try CLIPScorer(file, context) }])
}
