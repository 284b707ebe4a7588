/// The memory that drawing with a model takes, stage by stage, from its tensors and configurations.
///
/// Weights count as float32, which the reference route computes in; those stored as float32 are used where they lie in
/// the file. The encoder's layers are loaded one after the other and given back; decoder and VQGAN, and CLIP if it
/// ranks the pictures, stay for all pictures.
public struct RunMemory: Sendable, Equatable {
    public struct Stage: Sendable, Equatable {
        /// `encoder`, `decoder`, `vqgan`, `clip`.
        public let name: String
        public let weightByteCount: Int
        /// States, caches and feature maps.
        public let workByteCount: Int

        public var byteCount: Int { weightByteCount + workByteCount }
    }

    public let stages: [Stage]

    /// The most that a run takes at a time.
    ///
    /// - Parameter ranks: Pictures are ranked by CLIP.
    public func peakByteCount(ranks: Bool = false) -> Int {
        func sum(_ names: [String]) -> Int {
            stages.reduce(0) { names.contains($1.name) ? $0 + $1.byteCount : $0 }
        }
        return max(sum(["encoder"]), sum(["decoder", "vqgan"] + (ranks ? ["clip"] : [])))
    }

    private static let floatByteCount = 4

    /// - Parameter sequences: Rows that are decoded in step; one picture takes two, with the prompt and without.
    /// - Throws: `badData` when a configuration is not understood.
    public init(_ file: ModelFile, sequences: Int = 2) throws(DalleError) {
        func weights(_ component: Component, _ part: String = "") -> Int {
            file.tensors.reduce(0) {
                $1.name.hasPrefix("\(component.name).\(part)") ? $0 + $1.shape.count * Self.floatByteCount : $0
            }
        }
        var stages: [Stage] = []
        // Upstream's, where there is no model that says another.
        var codes = 256
        if let component = try file.component(.dalleBart) {
            let model = try BartConfiguration(component.configuration)
            codes = model.imageLength
            stages.append(
                Stage(
                    name: "encoder",
                    weightByteCount: (0..<model.encoder.layers).map { weights(component, "encoder.layers.\($0).") }
                        .max()
                        ?? 0,
                    workByteCount: Self.encoderWork(model, prompts: sequences)))
            stages.append(
                Stage(
                    name: "decoder", weightByteCount: weights(component, "decoder."),
                    workByteCount: Self.decoderWork(model, sequences: sequences)))
        }
        if let component = try file.component(.vqgan) {
            let model = try VQGANConfiguration(component.configuration)
            // The encoding half is read only for encoding pictures.
            let encoder = weights(component, "encoder.") + weights(component, "quant_conv.")
            stages.append(
                Stage(
                    name: "vqgan", weightByteCount: weights(component) - encoder,
                    workByteCount: Self.imageWork(model, codes: codes)))
        }
        if let component = try file.component(.clip) {
            stages.append(Stage(name: "clip", weightByteCount: weights(component), workByteCount: 0))
        }
        self.stages = stages
    }

    /// Hidden states with their projections, and the scores of a layer.
    private static func encoderWork(_ model: BartConfiguration, prompts: Int) -> Int {
        let row = 6 * model.width + 3 * model.encoder.feedForwardWidth
        let scores = model.encoder.heads * model.textLength
        return prompts * model.textLength * (row + scores) * floatByteCount
    }

    /// Keys and values of every layer, for all codes and for the text.
    private static func decoderWork(_ model: BartConfiguration, sequences: Int) -> Int {
        let positions = model.imageLength + model.textLength
        return 2 * model.decoder.layers * sequences * positions * model.width * floatByteCount
    }

    /// A block's input, its normalised copy and its output, at the resolution where they are largest.
    private static func imageWork(_ model: VQGANConfiguration, codes: Int) -> Int {
        let largest = (0..<model.levels).map { level in
            // A level starts with the channels of the one before it.
            let channels = max(model.channels(level: level), model.channels(level: min(level + 1, model.levels - 1)))
            let scale = 1 << (model.levels - 1 - level)
            return codes * scale * scale * channels
        }
        return 3 * (largest.max() ?? 0) * floatByteCount
    }
}
