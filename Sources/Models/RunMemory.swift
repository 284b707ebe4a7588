public import DalleFormat

/// The memory that drawing on the fast route takes, stage by stage, from a file's tensors and configurations.
///
/// Weights count as the bytes they have in the file: they are used where they lie there, or decoded once when they are
/// compressed. The stages follow each other, and each gives its weights back: the encoder's layers, the decoder, the
/// VQGAN, with CLIP if it ranks the pictures.
public struct RunMemory: Sendable, Equatable {
    /// When a part is in memory.
    public enum Phase: Sendable { case preparing, sampling, decoding, ranking }

    /// What is made.
    public struct Run: Sendable {
        /// Rows that are sampled in step.
        public let sequences: Int
        /// Tokens of an image.
        public let height: Int
        public let width: Int
    }

    public struct Stage: Sendable, Equatable {
        /// `encoder`, `decoder`, `vqgan`, `clip`.
        public let name: String
        public let phase: Phase
        public let weightByteCount: Int
        /// Weights that stay when mapped ones are given back layer by layer, at the price of reading them again.
        public let leastWeightByteCount: Int
        /// States, caches and feature maps.
        public let workByteCount: Int

        /// - Parameter least: nil where as much stays.
        public init(_ name: String, _ phase: Phase, weights: Int, least: Int? = nil, work: Int) {
            self.name = name
            self.phase = phase
            weightByteCount = weights
            leastWeightByteCount = least ?? weights
            workByteCount = work
        }

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
        func sum(_ phases: Set<Phase>) -> Int {
            stages.reduce(0) {
                phases.contains($1.phase) ? $0 + (releasesLayers ? $1.leastByteCount : $1.byteCount) : $0
            }
        }
        return Self.programByteCount
            + max(sum([.preparing]), sum([.sampling]), sum(ranks ? [.decoding, .ranking] : [.decoding]))
    }

    /// - Parameters:
    ///   - sequences: Rows that are sampled in step; one image takes two, with the prompt and without.
    ///   - kinds: Parts of other kinds are not counted.
    /// - Throws: `badData` when a configuration is not understood, or its tensors are not there.
    public init(_ file: ModelFile, sequences: Int = 2, kinds: PartKinds = .standard) throws(DalleError) {
        let model = try kinds.tokenModel(in: file)?.settings.interface
        let run = Run(
            sequences: sequences, height: model?.height ?? Self.usualEdge, width: model?.width ?? Self.usualEdge)
        var stages: [Stage] = []
        for component in file.components {
            do throws(DalleError) {
                guard let settings = try kinds.configuration(of: component, in: file) else { continue }
                stages += settings.memory(PartTensors(file, component), run)
            } catch {
                // What is wrong with a scorer is said to whoever ranks.
                guard kinds[component.kind] is any ScorerConfiguration.Type else { throw error }
            }
        }
        self.stages = stages
    }

    /// Tokens along an edge of upstream's images, where there is no model that says another number.
    private static let usualEdge = 16
}
