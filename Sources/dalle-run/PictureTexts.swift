import DalleFormat
import DalleModels
import DalleRuntime
import Foundation

/// What stands in a picture's file beside its pixels: what it takes to draw it again.
struct PictureTexts {
    private let images: [GeneratedImage]
    private let settings: GenerationDefaults
    private let report: GenerationReport
    private let prompts: [String]

    /// - Parameters:
    ///   - images: Those in the picture, row by row.
    ///   - prompts: Of each row.
    init(
        _ images: [GeneratedImage], prompts: [String], _ settings: GenerationDefaults, _ report: GenerationReport
    ) {
        self.images = images
        self.prompts = prompts
        self.settings = settings
        self.report = report
    }

    /// Keywords and texts of PNG text chunks.
    var all: [(keyword: String, text: String)] {
        let seeds = images.map { "\($0.request.seed)" }.joined(separator: " ")
        return [
            ("parameters", parameters), ("Description", prompts.joined(separator: "\n")),
            ("Software", "swift-dalle \(packageVersion)"),
            (
                "Comment",
                "condition scale \(settings.conditionScale), \(choice), random \(report.random), seed \(seeds)"
            ),
            ("Source", "model root \(report.modelRoot)"),
        ]
    }

    private var choice: String {
        report.greedy
            ? "greedy" : "top-k \(settings.topK), top-p \(settings.topP), temperature \(settings.temperature)"
    }

    /// The form of AUTOMATIC1111's web interface, which most programs that look for prompts in pictures read: the prompt, and a
    /// line of settings. A step is a code; of a sheet, prompt and seed are the first image's.
    private var parameters: String {
        guard let first = images.first else { return "" }
        let model = URL(filePath: report.model).deletingPathExtension().lastPathComponent
        let settings: [(String, String)] = [
            ("Steps", "\(first.tokens.count)"), ("Sampler", choice.replacing(",", with: "")),
            ("CFG scale", "\(settings.conditionScale)"), ("Seed", "\(first.request.seed)"),
            ("Size", "\(first.image.width)x\(first.image.height)"), ("Model hash", String(report.modelRoot.prefix(10))),
            ("Model", model.contains(where: { ",:\"".contains($0) }) ? Self.quoted(model) : model),
            ("Version", "swift-dalle \(packageVersion)"),
        ]
        return first.request.prompt + "\n" + settings.map { "\($0): \($1)" }.joined(separator: ", ")
    }

    /// A value with the signs that part settings, as a JSON string.
    private static func quoted(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
