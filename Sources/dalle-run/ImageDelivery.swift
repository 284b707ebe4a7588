import CommandSupport
import DalleFormat
import DalleModels
import DalleRuntime
import Foundation

/// Writes images as they are drawn, and keeps what there is to report.
struct ImageDelivery {
    private let plan: OutputPlan
    private let settings: GenerationDefaults
    /// Pixels between the pictures of a sheet.
    private let gap: Int
    /// Finished images of a sheet that is not.
    private(set) var pending: [GeneratedImage] = []
    /// Why pictures could not be written.
    private(set) var unwritten: [DalleError] = []
    var report: GenerationReport

    init(
        _ plan: OutputPlan, _ settings: GenerationDefaults, model: ModelFile, isGreedy: Bool, random: RandomNumbers,
        gap: Int
    ) {
        self.plan = plan
        self.settings = settings
        self.gap = gap
        report = GenerationReport(model: model, settings: settings, isGreedy: isGreedy, random: random)
    }

    /// Takes the next image.
    ///
    /// - Returns: what to say of a picture that is now complete.
    /// - Throws: `cannotWrite`; the images are then in the report all the same, and the next can be taken.
    mutating func deliver(_ result: GeneratedImage) throws(DalleError) -> String? {
        pending.append(result)
        guard plan.columns == nil || pending.count == plan.total else { return nil }
        let images = pending
        pending = []
        let path = plan.paths[result.number]
        let picture = plan.columns.map { Image.grid(images.map(\.image), columns: $0, gap: gap) } ?? result.image
        var failure: DalleError?
        var isWritten = true
        do throws(DalleError) {
            // One that was written before stays as it is: it is the same.
            if !plan.skipped.contains(path) {
                let texts = PictureTexts(
                    images, prompts: Self.rows(images).map { $0[0].request.prompt }, settings, report)
                isWritten = try PictureOutput.write(picture, to: path, texts: texts.all, replacing: plan.replacing)
            }
            if isWritten { Console.event(PictureEvent(path, images)) }
        } catch {
            failure = error
        }
        for image in images {
            report.images.append(
                .init(
                    path: path, prompt: image.request.prompt, seed: image.request.seed, clipScore: image.score,
                    codes: image.tokens, error: failure?.description))
        }
        if let failure {
            unwritten.append(failure)
            throw failure
        }
        return !isWritten ? nil : "\(PictureOutput.name(path)): \(Self.summary(images))"
    }

    /// Writes what is finished of a sheet, the rest of it white, under a name of its own: it neither takes the place of a whole
    /// sheet nor is taken for one.
    ///
    /// - Returns: what to say of it; nil when there is nothing, or standard output does not take it.
    func keepPending() throws(DalleError) -> String? {
        guard let columns = plan.columns, let whole = plan.paths.first, !pending.isEmpty else { return nil }
        let path = plan.isStream ? whole : Self.unfinished(whole)
        let picture = Image.grid(pending.map(\.image), columns: columns, gap: gap, places: plan.total)
        let texts = PictureTexts(pending, prompts: Self.rows(pending).map { $0[0].request.prompt }, settings, report)
        guard try PictureOutput.write(picture, to: path, texts: texts.all, replacing: true) else {
            return nil
        }
        Console.event(PictureEvent(path, pending))
        return "\(PictureOutput.name(path)) holds the \(pending.count) of \(plan.total) images that were finished"
    }

    /// `sheet.png` becomes `sheet-unfinished.png`.
    private static func unfinished(_ path: String) -> String {
        let stem = path.hasSuffix(".png") ? String(path.dropLast(4)) : path
        return "\(stem)-unfinished.png"
    }

    /// What is in a picture: seeds, and how well each fits where that was judged.
    private static func summary(_ images: [GeneratedImage]) -> String {
        guard images.count > 1 else { return images.map(mark).joined() }
        let rows = rows(images)
        let seeds = rows.map { $0.map(\.request.seed) }
        // All seeds of a range, in their order, for each prompt.
        if images.allSatisfy({ $0.score == nil }), let first = seeds.first, seeds.allSatisfy({ $0 == first }),
            let (low, high) = range(first)
        {
            let range = low == high ? "seed \(low)" : "seeds \(low) to \(high)"
            return "\(images.count) images, \(range)" + (rows.count > 1 ? " of each prompt" : "")
        }
        return "\(images.count) images"
            + rows.map { row in
                "\n  \(PlainText.line(row[0].request.prompt, maximumLength: 60)): "
                    + row.map(mark).joined(separator: "; ")
            }.joined()
    }

    private static func mark(_ image: GeneratedImage) -> String {
        "seed \(image.request.seed)" + (image.score.map { String(format: ", CLIP %.1f", $0) } ?? "")
    }

    /// The first and the last of seeds that follow each other.
    private static func range(_ seeds: [UInt32]) -> (UInt32, UInt32)? {
        guard let first = seeds.first, let last = seeds.last, first <= last,
            zip(seeds, seeds.dropFirst()).allSatisfy({ $0 &+ 1 == $1 })
        else { return nil }
        return (first, last)
    }

    /// The images of each prompt.
    private static func rows(_ images: [GeneratedImage]) -> [[GeneratedImage]] {
        var rows: [[GeneratedImage]] = []
        for image in images {
            if rows.last?.last?.request.group == image.request.group {
                rows[rows.count - 1].append(image)
            } else {
                rows.append([image])
            }
        }
        return rows
    }

    /// Writes the codes of all images as JSON.
    func writeCodes(to path: String) throws(DalleError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(report) else {
            throw DalleError(.fault, "the codes cannot be written as JSON", file: path)
        }
        guard path != OutputPath.standardOutput else {
            _ = Console.result(bytes: Array(data) + [UInt8(ascii: "\n")])
            return
        }
        let file = try AtomicFile(path, replacing: plan.replacing)
        try file.append(Array(data))
        try file.commit()
    }
}

/// That a picture is there.
private struct PictureEvent: Encodable {
    struct Drawn: Encodable {
        let prompt: String
        let seed: UInt32
        let clipScore: Float?

        enum CodingKeys: String, CodingKey {
            case prompt, seed
            case clipScore = "clip_score"
        }
    }

    let event = "picture"
    let path: String
    /// One, or those of a sheet, row by row.
    let images: [Drawn]

    enum CodingKeys: String, CodingKey { case event, path, images }

    init(_ path: String, _ images: [GeneratedImage]) {
        self.path = path
        self.images = images.map { Drawn(prompt: $0.request.prompt, seed: $0.request.seed, clipScore: $0.score) }
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
        /// Why the picture is not in its file; absent when it is.
        let error: String?

        enum CodingKeys: String, CodingKey {
            case path, prompt, seed, codes, error
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
