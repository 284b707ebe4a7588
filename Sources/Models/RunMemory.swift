public import DalleFormat

/// The memory that drawing on the fast route takes, stage by stage, from a file's tensors and configurations.
///
/// Weights count as the bytes they have in the file: they are used where they lie there, or decoded once when they are
/// compressed. The stages follow each other, and each gives its weights back: the encoder's layers, the decoder, the
/// VQGAN, with CLIP if it ranks the pictures.
public struct RunMemory: Sendable, Equatable {
    public struct Stage: Sendable, Equatable {
        /// `encoder`, `decoder`, `vqgan`, `clip`.
        public let name: String
        public let weightByteCount: Int
        /// Weights that stay when mapped ones are given back layer by layer, at the price of reading them again.
        public let leastWeightByteCount: Int
        /// States, caches and feature maps.
        public let workByteCount: Int

        public var byteCount: Int { weightByteCount + workByteCount }
        public var leastByteCount: Int { leastWeightByteCount + workByteCount }
    }

    public let stages: [Stage]

    /// The program itself: its code and libraries as far as they are used, texts and tables, and what the allocator keeps, as
    /// measured with models of several sizes.
    private static let programByteCount = 42 << 20

    /// The most that a run takes at a time.
    ///
    /// - Parameters:
    ///   - ranks: Pictures are ranked by CLIP.
    ///   - releasesLayers: The decoder's mapped weights are given back layer by layer.
    public func peakByteCount(ranks: Bool = false, releasesLayers: Bool = false) -> Int {
        func sum(_ names: [String]) -> Int {
            stages.reduce(0) {
                names.contains($1.name) ? $0 + (releasesLayers ? $1.leastByteCount : $1.byteCount) : $0
            }
        }
        return Self.programByteCount
            + max(sum(["encoder"]), sum(["decoder"]), sum(["vqgan"] + (ranks ? ["clip"] : [])))
    }

    private static let floatByteCount = 4

    /// - Parameter sequences: Rows that are decoded in step; one picture takes two, with the prompt and without.
    /// - Throws: `badData` when a configuration is not understood, or its tensors are not there.
    public init(_ file: ModelFile, sequences: Int = 2) throws(DalleError) {
        var stages: [Stage] = []
        // Upstream's, where there is no model that says another.
        var codes = 256
        if let component = try file.component(.dalleBart) {
            let model: BartConfiguration = try file.configuration(of: component)
            let tensors = OwnTensors(file, component)
            codes = model.imageLength
            let layer = tensors.largestLayer("encoder")
            stages.append(
                Stage(
                    name: "encoder", weightByteCount: layer, leastWeightByteCount: layer,
                    workByteCount: Self.encoderWork(model, prompts: sequences)))
            // Of the tables only single rows are read.
            let decoder = tensors.under("decoder.").filter { !$0.name.hasSuffix("token_embedding") }
            let owned = OwnTensors.byteCount(decoder.filter { !$0.isStored })
            let logits = OwnTensors.byteCount(tensors.under("decoder.logits."))
            stages.append(
                Stage(
                    name: "decoder", weightByteCount: OwnTensors.byteCount(decoder),
                    leastWeightByteCount: owned + max(tensors.largestLayer("decoder"), logits),
                    workByteCount: Self.decoderWork(model, sequences: sequences, tensors)))
        }
        if let component = try file.component(.vqgan) {
            let model: VQGANConfiguration = try file.configuration(of: component)
            let tensors = OwnTensors(file, component)
            // The encoding half is read only for encoding pictures.
            let encoder = tensors.under("encoder.") + tensors.under("quant_conv.")
            let decoder = OwnTensors.byteCount(tensors.under("")) - OwnTensors.byteCount(encoder)
            let kernels = tensors.under("decoder.")
            stages.append(
                Stage(
                    name: "vqgan", weightByteCount: decoder, leastWeightByteCount: decoder,
                    workByteCount: Self.imageWork(model, codes: codes, kernels) + Self.pagesRead(kernels)))
        }
        if let component = try file.component(.clip) {
            // What is wrong with it is said to whoever ranks.
            let model = try? file.configuration(of: component, as: CLIPConfiguration.self)
            let tensors = OwnTensors(file, component)
            let clip = OwnTensors.byteCount(tensors.under(""))
            stages.append(
                Stage(
                    name: "clip", weightByteCount: clip, leastWeightByteCount: clip,
                    workByteCount: Self.visionWork(model, tensors.under("vision."))))
        }
        self.stages = stages
    }

    /// Hidden states with their projections, and the keys and values of a layer.
    private static func encoderWork(_ model: BartConfiguration, prompts: Int) -> Int {
        let stack = model.transformer(.encoder)
        return stack.stateByteCount(rows: prompts * stack.length)
            + stack.cacheByteCount(sequences: prompts, positions: stack.length, isInt8: false)
    }

    /// Keys and values of every layer, for all codes and for the text, as bytes where the matrix that makes the keys has whole
    /// numbers; and the logits.
    private static func decoderWork(
        _ model: BartConfiguration, sequences: Int, _ tensors: OwnTensors
    ) -> Int {
        let stack = model.transformer(.decoder)
        func caches(_ sublayer: TransformerTensor.Sublayer, _ positions: Int) -> Int {
            stack.keyMatrices(sublayer).reduce(0) {
                $0
                    + stack.cacheByteCount(
                        sequences: sequences, positions: positions, isInt8: tensors[$1]?.packing != nil)
            }
        }
        return caches(.selfAttention, model.imageLength) + caches(.crossAttention, model.textLength)
            + 3 * sequences * model.imageVocabulary * floatByteCount
    }

    /// Of a residual network: a block's input, its copy as a convolution takes it and its output where they are largest; the
    /// convolution of most weights once more; and what is pooled, as states, keys and values in floats and bytes and once
    /// more for what bytes leave, and in a cache. A transformer's states are few.
    private static func visionWork(_ model: CLIPConfiguration?, _ tensors: [TensorDescriptor]) -> Int {
        guard let model, case .residual(let network) = model.vision else { return 0 }
        let pooled = (model.positionsPerEdge * model.positionsPerEdge + 1) * network.pooledWidth
        let kernels = tensors.filter { $0.shape.rank == 4 }.map {
            $0.packing == nil ? $0.shape.count * floatByteCount : $0.byteCount
        }
        let image = network.features.largestFeatureMap(height: model.imageSize, width: model.imageSize)
        let pooling = 3 * 2 * (floatByteCount + 1) + 2 * floatByteCount
        return 3 * image * floatByteCount + pooled * pooling + (kernels.max() ?? 0)
    }

    /// What decoding compressed weights leaves of the file's pages: those that were read are given back, but the system maps
    /// others with them, some megabytes at a time.
    private static func pagesRead(_ tensors: [TensorDescriptor]) -> Int {
        min(OwnTensors.byteCount(tensors.filter { !$0.isStored }), 24 << 20)
    }

    /// A block's input, its output, and in the same memory its normalised copy or a float convolution's weights as Winograd's
    /// algorithm takes them (36 numbers for 9), where they are largest.
    private static func imageWork(_ model: VQGANConfiguration, codes: Int, _ tensors: [TensorDescriptor]) -> Int {
        let image = model.decoder.largestFeatureMap(height: 1, width: codes)
        let kernels = tensors.filter { $0.packing == nil && $0.shape.rank == 4 && $0.shape[2] == 3 }.map(\.shape.count)
        return (2 * image + max(image, 4 * (kernels.max() ?? 0))) * floatByteCount
    }
}

/// The tensors of a part, by their names without the part's.
private struct OwnTensors {
    private let file: ModelFile
    private let prefix: String
    private let tensors: [TensorDescriptor]

    init(_ file: ModelFile, _ component: Component) {
        self.file = file
        prefix = component.name + "."
        tensors = file.tensors(of: component)
    }

    subscript(name: String) -> TensorDescriptor? { file.descriptor(prefix + name) }

    func under(_ start: String) -> [TensorDescriptor] {
        let prefix = prefix + start
        return tensors.filter { $0.name.hasPrefix(prefix) }
    }

    /// Bytes of the largest of a side's layers.
    func largestLayer(_ side: String) -> Int {
        let layers = "\(side).layers."
        let skipped = prefix.count + layers.count
        let ofLayers = Dictionary(grouping: under(layers)) { $0.name.dropFirst(skipped).prefix { $0 != "." } }
        return ofLayers.values.map(Self.byteCount).max() ?? 0
    }

    static func byteCount(_ tensors: [TensorDescriptor]) -> Int { tensors.reduce(0) { $0 + $1.byteCount } }
}
