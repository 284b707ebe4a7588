import DalleFormat
import DalleRuntime
import Foundation

/// Writes images as they are drawn, and keeps what there is to report.
struct ImageDelivery {
    private let plan: OutputPlan
    private let settings: GenerationDefaults
    private let isGreedy: Bool
    private var pending: [ImageGenerator.Result] = []
    private var written = 0
    var report: GenerationReport

    init(
        _ plan: OutputPlan, _ settings: GenerationDefaults, model: ModelFile, isGreedy: Bool, random: RandomNumbers
    ) {
        self.plan = plan
        self.settings = settings
        self.isGreedy = isGreedy
        report = GenerationReport(model: model, settings: settings, isGreedy: isGreedy, random: random)
    }

    /// Takes the next image.
    ///
    /// - Returns: what to say of a picture that is now complete.
    mutating func deliver(_ result: ImageGenerator.Result) throws(DalleError) -> String? {
        pending.append(result)
        guard plan.columns == nil || pending.count == plan.total else { return nil }
        let path = plan.paths[written]
        written += 1
        let picture = plan.columns.map { Image.grid(pending.map(\.image), columns: $0) } ?? result.image
        try PNGFile.write(picture, to: path, texts: texts(), replacing: plan.replacing)
        for image in pending {
            report.images.append(
                .init(
                    path: path, prompt: image.request.prompt, seed: image.request.seed, clipScore: image.score,
                    codes: image.codes))
        }
        let seeds = pending.map(\.request.seed)
        pending = []
        guard let first = seeds.min(), let last = seeds.max(), first != last else { return "\(path): seed \(seeds[0])" }
        return "\(path): \(seeds.count) images, seeds \(first) to \(last)"
    }

    /// Writes the codes of all images as JSON.
    func writeCodes(to path: String) throws(DalleError) {
        let file = try AtomicFile(path, replacing: plan.replacing)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(report) else {
            throw DalleError(.fault, "the codes cannot be written as JSON", file: path)
        }
        try file.append(Array(data))
        try file.commit()
    }

    /// What it takes to draw the pending images again.
    private func texts() -> [(keyword: String, text: String)] {
        var prompts: [String] = []
        for image in pending where prompts.last != image.request.prompt { prompts.append(image.request.prompt) }
        let seeds = pending.map { "\($0.request.seed)" }.joined(separator: " ")
        let choice =
            isGreedy
            ? "greedy" : "top-k \(settings.topK), top-p \(settings.topP), temperature \(settings.temperature)"
        return [
            ("Description", prompts.joined(separator: "\n")), ("Software", "swift-dalle \(packageVersion)"),
            (
                "Comment",
                "condition scale \(settings.conditionScale), \(choice), random \(report.random), seed \(seeds)"
            ),
            ("Source", "model root \(report.modelRoot)"),
        ]
    }
}

/// What `--json` prints and `--tokens-out` writes.
struct GenerationReport: Encodable {
    struct DrawnImage: Encodable {
        let path: String
        let prompt: String
        let seed: UInt32
        /// The scaled cosine of picture and prompt; only where images were chosen by it.
        let clipScore: Float?
        let codes: [Int]

        enum CodingKeys: String, CodingKey {
            case path, prompt, seed, codes
            case clipScore = "clip_score"
        }
    }

    let model: String
    /// The root digest of the model file: which model it was.
    let modelRoot: String
    let conditionScale: Double
    let topK: Int
    let topP: Double
    let temperature: Double
    let greedy: Bool
    /// What numbers came of the seeds.
    let random: String
    var seconds: Double?
    /// Seconds of each stage.
    var stages: [String: Double] = [:]
    /// Bytes, and pages that had to come from the disk.
    var peakMemory: Int?
    var pagesRead: Int?
    var images: [DrawnImage] = []

    enum CodingKeys: String, CodingKey {
        case modelRoot = "model_root"
        case peakMemory = "peak_memory"
        case pagesRead = "pages_read"
        case model, temperature, greedy, random, seconds, stages, images
        case conditionScale = "condition_scale"
        case topK = "top_k"
        case topP = "top_p"
    }

    init(model: ModelFile, settings: GenerationDefaults, isGreedy: Bool, random: RandomNumbers) {
        self.model = model.path
        modelRoot = model.rootDigest
        conditionScale = settings.conditionScale
        topK = settings.topK
        topP = settings.topP
        temperature = settings.temperature
        greedy = isGreedy
        self.random = random.rawValue
    }
}
