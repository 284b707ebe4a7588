public import DalleFormat
import DalleModels
public import DalleRuntime

/// Holds a model file against another precision of the same model: what each predicts after the same codes, what each
/// draws with the same seeds, and what each paints of the same codes.
public struct ModelComparison: Sendable {
    /// What is drawn; without prompts, or without a tokenizer, made up from a seed.
    public var prompts = Self.prompts
    /// Pictures drawn, with seeds from 0 on; prompts come round again.
    public var pictures = 16
    /// What must be kept, instead of the bounds that the types of the weights have.
    public var bounds: [ComparisonReport.Measure: Double] = [:]

    private static let prompts = [
        "a large red circle", "a small blue square on a white background", "an armchair in the shape of an avocado",
        "a red fox in the snow", "a green triangle above a yellow ring", "a painting of a lighthouse at night",
        "a bowl of fruit", "a city street in the rain",
    ]

    public init() {}

    /// - Parameters:
    ///   - file: The model that is judged.
    ///   - base: The one that is held to be right.
    ///   - stage: called with what is being done.
    ///   - progress: called with the number of steps that are done, and of all: codes and pictures.
    /// - Throws: `badData` when they are not the same model, `missingInput` when there is nothing that both have.
    public func run(
        _ model: DalleModel, against base: DalleModel, _ context: ComputeContext, stage: (String) -> Void = { _ in },
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(DalleError) -> ComparisonReport {
        var report = ComparisonReport(bounds: bounds)
        var tokens: [[Int]] = []
        let total = try steps(model, context)
        var done = 0
        progress(done, total)
        func advance() {
            done += 1
            progress(min(done, total), total)
        }
        if try Self.hold(.tokenModel, model, base, &report, \.logits) {
            let inputs = try PromptInputs(model, try model.tokenModel(context), prompts, pictures)
            stage("drawing with \(base.file.path)")
            let expected = try SampledImages(base.tokenModel(context), inputs, advance)
            stage("drawing with \(model.file.path)")
            try SampledImages.compare(model.tokenModel(context), with: expected, inputs, &report, advance)
            tokens = expected.tokens
            report.pictures = tokens.count
        }
        if try Self.hold(.codec, model, base, &report, \.pixels) {
            stage("painting")
            try Self.comparePixels(model, base, tokens, pictures: pictures, context, &report, advance)
        }
        guard !report.values.isEmpty else {
            throw DalleError(
                .missingInput, "has neither a text-to-codes model nor a VQGAN in common with \(base.file.path)",
                remedy: "Name two files of the same model", file: model.file.path)
        }
        return report
    }

    /// Tokens are sampled with both models and gone over with both; images are decoded with both.
    private func steps(_ model: DalleModel, _ context: ComputeContext) throws(DalleError) -> Int {
        let tokens = model.has(.tokenModel) ? 4 * (try model.tokenModel(context).interface.length) : 0
        return model.has(.codec) ? tokens + pictures : tokens
    }

    /// Sets the bounds of a part that both have.
    ///
    /// - Returns: false when one lacks it.
    private static func hold(
        _ role: DalleModel.Role, _ model: DalleModel, _ base: DalleModel, _ report: inout ComparisonReport,
        _ bounds: (ComparedPrecision) -> [ComparisonReport.Measure: Double]
    ) throws(DalleError) -> Bool {
        let (own, other) = (model.component(role), base.component(role))
        guard let own, let other else {
            if let part = own ?? other {
                report.notes.append("\((own == nil ? model : base).file.path) holds no \(part.kind)")
            }
            return false
        }
        guard own.kind == other.kind, own.configuration == other.configuration else {
            throw DalleError(
                .badData, "is another model than \(base.file.path): their settings differ",
                remedy: "Name two precisions of one model", file: model.file.path, item: own.name)
        }
        report.hold(
            own.kind, to: ComparedPrecision(model.file, own), ComparedPrecision(base.file, other), bounds)
        return true
    }

    private static func comparePixels(
        _ model: DalleModel, _ base: DalleModel, _ sampled: [[Int]], pictures: Int, _ context: ComputeContext,
        _ report: inout ComparisonReport, _ advance: () -> Void
    ) throws(DalleError) {
        let (expected, found) = (try base.codec(context), try model.codec(context))
        let size = expected.codebookSize
        var images = sampled
        if images.isEmpty {
            // No model samples them: noise of the size that the released models paint.
            images = (0..<pictures).map {
                let bits = RandomKey(seed: UInt32($0)).gumbel(count: 256)
                return bits.map { Int($0.bitPattern >> 4) % size }
            }
            report.pictures = pictures
        }
        var similarity = PictureSimilarity()
        for tokens in images {
            let side = Int(Double(tokens.count).squareRoot())
            let grid = try TokenGrid(
                height: side, width: tokens.count / side, tokens: tokens.map { min($0, size - 1) })
            similarity.add(expected: try expected.pixels(grid), found: try found.pixels(grid))
            advance()
        }
        report.values[.psnr] = similarity.psnr
        report.values[.ssim] = similarity.ssim
    }
}
