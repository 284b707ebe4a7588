public import DalleFormat
public import DalleModels

/// Who reads which kind of part: the one place that names the families.
///
/// A kind of one's own is added to a copy:
///
///     var registry = ModelRegistry.standard
///     registry.codecs["my-codec"] = { file, options in try MyCodec(file) }
///     let model = try DalleModel("mine.dalle", registry: registry)
public struct ModelRegistry: Sendable {
    /// How a part is to be used.
    public struct LoadOptions: Sendable {
        public var context: ComputeContext
        /// Weights that a step has read are given back to the system at once, and so read again for every token.
        public var releasesLayers: Bool

        public init(_ context: ComputeContext, releasesLayers: Bool = false) {
            self.context = context
            self.releasesLayers = releasesLayers
        }
    }

    /// Makes a part of a model file usable. Reads settings and tables; weights when they are needed.
    public typealias Loader<Part> = @Sendable (ModelFile, LoadOptions) throws(DalleError) -> Part

    public var tokenModels: [Component.Kind: Loader<any ImageTokenModel>]
    public var codecs: [Component.Kind: Loader<any ImageCodec>]
    public var scorers: [Component.Kind: Loader<any TextImageScorer>]

    public init(
        tokenModels: [Component.Kind: Loader<any ImageTokenModel>] = [:],
        codecs: [Component.Kind: Loader<any ImageCodec>] = [:],
        scorers: [Component.Kind: Loader<any TextImageScorer>] = [:]
    ) {
        self.tokenModels = tokenModels
        self.codecs = codecs
        self.scorers = scorers
    }

    /// The families of this package.
    public static let standard = ModelRegistry(
        tokenModels: [.dalleBart: { file, options throws(DalleError) in try BartModel(file, options) }],
        codecs: [.vqgan: { file, options throws(DalleError) in try VQGANCodec(file, options.context) }],
        scorers: [.clip: { file, options throws(DalleError) in try CLIPScorer(file, options.context) }])
}
