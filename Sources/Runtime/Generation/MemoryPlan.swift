public import DalleFormat
import DalleModels

/// How images are drawn within the memory that there is.
public struct MemoryPlan: Sendable, Equatable {
    /// Images that are drawn together.
    public let batch: Int
    /// Whether the decoder's weights are given back layer by layer, and so read again for every code.
    public let releasesLayers: Bool
    /// What that takes, about.
    public let byteCount: Int

    /// Images one after the other, with all weights where they are.
    public static let oneByOne = MemoryPlan()

    private init() {
        (batch, releasesLayers, byteCount) = (1, false, 0)
    }

    /// More images than this share a pass over the weights with little gain.
    private static let largestBatch = 16

    /// - Parameters:
    ///   - images: To be drawn in all.
    ///   - sequences: Rows for each image: two with guidance.
    ///   - ranks: Pictures are ranked by CLIP.
    ///   - limit: What must not be exceeded.
    ///   - available: What the system has; it is not held to, since mapped weights can always be read again.
    /// - Throws: `usage`, with the number needed, when `limit` is too little.
    public init(
        _ model: DalleModel, images: Int, sequences: Int, ranks: Bool, limit: Int?, available: Int?
    ) throws(DalleError) {
        let batches = (1...max(min(images, Self.largestBatch), 1)).reversed()
        for releasesLayers in limit == nil ? [false] : [false, true] {
            for batch in batches {
                let plan = try MemoryPlan(model, batch, sequences, ranks: ranks, releasesLayers: releasesLayers)
                if plan.byteCount <= limit ?? available ?? Int.max {
                    self = plan
                    return
                }
            }
        }
        let least = try MemoryPlan(model, 1, sequences, ranks: ranks, releasesLayers: limit != nil)
        if let limit {
            let (needed, allowed) = (Self.mebibytes(least.byteCount, .up), Self.mebibytes(limit, .down))
            throw DalleError(
                .usage, "drawing takes \(needed) MiB at least, and \(allowed) MiB are allowed",
                remedy: Self.remedy(model.file), file: model.file.path)
        }
        self = least
    }

    /// With a decimal, so that what is needed is never as much as what is allowed.
    private static func mebibytes(_ byteCount: Int, _ rule: FloatingPointRoundingRule) -> Double {
        let tenths = (Double(byteCount) * 10 / 1_048_576).rounded(rule)
        return tenths / 10
    }

    /// What would take less.
    private static func remedy(_ file: ModelFile) -> String {
        let codings = Set(file.tensors.compactMap(\.packing?.coding))
        if codings.contains(.int4) { return "Allow more" }
        return codings.isEmpty
            ? "Allow more, or quantise the model" : "Allow more, or make an int4 model of the one that this was made of"
    }

    private init(
        _ model: DalleModel, _ batch: Int, _ sequences: Int, ranks: Bool, releasesLayers: Bool
    ) throws(DalleError) {
        self.batch = batch
        self.releasesLayers = releasesLayers
        byteCount = try RunMemory(model.file, sequences: batch * sequences, kinds: model.registry.parts).peakByteCount(
            ranks: ranks, releasesLayers: releasesLayers)
    }
}
