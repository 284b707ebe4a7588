import DalleFormat
import DalleModels
import DalleRuntime

/// Holds CLIP's vectors and logits against a reference: `images` and `texts` against `image_features`,
/// `text_features`, `logits_per_image` and `logits_per_text`.
struct CLIPVerification: FamilyVerification {
    private let clip: CLIPModel
    private let reference: Reference
    private let bound: Double?

    /// Share of the largest expected number.
    private static let relativeBound = 1e-4
    private static let inputs: Set<String> = ["images", "texts"]

    init(
        _ model: DalleModel, _ reference: Reference, _ context: ComputeContext, bound: Double?
    ) throws(DalleError) {
        clip = try CLIPModel(model.file, context)
        self.reference = reference
        self.bound = bound
    }

    static func applies(to reference: Reference) -> Bool { inputs.isSubset(of: reference.names) }

    static func isInput(_ name: String) -> Bool { inputs.contains(name) }

    func run(_ report: inout VerificationReport) throws(DalleError) {
        var images: [[Float]] = []
        for picture in try reference.parts("images", rank: 4) {
            images.append(try clip.embed(FeatureMap(channelsFirst: picture)))
        }
        var texts: [[Float]] = []
        for text in try reference.parts("texts", rank: 2) { texts.append(try clip.embed(try text.integers())) }
        let found: [(name: String, values: [Float])] = [
            ("image_features", images.flatMap { $0 }), ("text_features", texts.flatMap { $0 }),
            ("logits_per_image", images.flatMap { image in texts.map { clip.logit(image, $0) } }),
            ("logits_per_text", texts.flatMap { text in images.map { clip.logit($0, text) } }),
        ]
        for (name, values) in found where reference.has(name) {
            let expected = try reference.array(name)
            let largest = expected.values.lazy.map { abs($0) }.max() ?? 0
            report.checks.append(.numbers(name, values, expected, bound: bound ?? Self.relativeBound * largest))
        }
    }
}
