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
        _ file: ModelFile, against base: ModelFile, _ context: ComputeContext, stage: (String) -> Void = { _ in },
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(DalleError) -> ComparisonReport {
        var report = ComparisonReport(bounds: bounds)
        var codes: [[Int]] = []
        let total = try Self.steps(file, pictures)
        var done = 0
        progress(done, total)
        func advance() {
            done += 1
            progress(min(done, total), total)
        }
        if try Self.isInBoth(.dalleBart, file, base, &report) {
            try Self.hold(.dalleBart, file, base, &report, \.logits)
            let inputs = try PromptInputs(file, prompts, pictures)
            stage("drawing with \(base.path)")
            let expected = try DrawnPictures(base, inputs, context, advance)
            stage("drawing with \(file.path)")
            try DrawnPictures.compare(file, with: expected, inputs, context, &report, advance)
            codes = expected.codes
            report.pictures = codes.count
        }
        if try Self.isInBoth(.vqgan, file, base, &report) {
            try Self.hold(.vqgan, file, base, &report, \.pixels)
            stage("painting")
            try Self.comparePixels(file, base, codes, pictures: pictures, context, &report, advance)
        }
        guard !report.values.isEmpty else {
            throw DalleError(
                .missingInput, "has neither a text-to-codes model nor a VQGAN in common with \(base.path)",
                remedy: "Name two files of the same model", file: file.path)
        }
        return report
    }

    /// Codes are drawn with both models and gone over with both; pictures are painted with both.
    private static func steps(_ file: ModelFile, _ pictures: Int) throws(DalleError) -> Int {
        var steps = 0
        if let bart = try file.component(.dalleBart) {
            steps += 4 * (try file.configuration(of: bart, as: BartConfiguration.self)).imageLength
        }
        return try file.component(.vqgan) == nil ? steps : steps + pictures
    }

    private static func hold(
        _ kind: Component.Kind, _ file: ModelFile, _ base: ModelFile, _ report: inout ComparisonReport,
        _ bounds: (ComparedPrecision) -> [ComparisonReport.Measure: Double]
    ) throws(DalleError) {
        guard let own = try file.component(kind), let other = try base.component(kind) else { return }
        report.hold(kind, to: ComparedPrecision(file, own), ComparedPrecision(base, other), bounds)
    }

    private static func isInBoth(
        _ kind: Component.Kind, _ file: ModelFile, _ base: ModelFile, _ report: inout ComparisonReport
    ) throws(DalleError) -> Bool {
        let (own, other) = (try file.component(kind), try base.component(kind))
        guard let own, let other else {
            if own != nil || other != nil {
                report.notes.append("\((own == nil ? file : base).path) holds no \(kind.rawValue)")
            }
            return false
        }
        guard own.configuration == other.configuration else {
            throw DalleError(
                .badData, "is another model than \(base.path): their settings differ",
                remedy: "Name two precisions of one model", file: file.path, item: own.name)
        }
        return true
    }

    private static func comparePixels(
        _ file: ModelFile, _ base: ModelFile, _ drawn: [[Int]], pictures: Int, _ context: ComputeContext,
        _ report: inout ComparisonReport, _ advance: () -> Void
    ) throws(DalleError) {
        let (expected, found) = (try VQGANDecoder(base, context), try VQGANDecoder(file, context))
        let configuration = expected.configuration
        var codes = drawn
        if codes.isEmpty {
            // No model draws them: noise of the size that the released models paint.
            codes = (0..<pictures).map {
                let bits = RandomKey(seed: UInt32($0)).gumbel(count: 256)
                return bits.map { Int($0.bitPattern >> 4) % configuration.codebookSize }
            }
            report.pictures = pictures
        }
        var similarity = PictureSimilarity()
        for picture in codes {
            let side = Int(Double(picture.count).squareRoot())
            let valid = picture.map { min($0, configuration.codebookSize - 1) }
            similarity.add(
                expected: unit(try expected.decode(valid, height: side, width: picture.count / side), configuration),
                found: unit(try found.decode(valid, height: side, width: picture.count / side), configuration))
            advance()
        }
        report.values[.psnr] = similarity.psnr
        report.values[.ssim] = similarity.ssim
    }

    private static func unit(_ raw: FeatureMap, _ configuration: VQGANConfiguration) -> FeatureMap {
        var picture = raw
        picture.pixels.values = raw.pixels.values.map { configuration.pixelRange.unitOrNaN($0) }
        return picture
    }
}

extension VQGANConfiguration.PixelRange {
    /// A raw value as a number from 0 to 1; what is infinite or no number stays none, so that nothing can be equal to it.
    func unitOrNaN(_ raw: Float) -> Float { raw.isFinite ? unit(raw) : .nan }
}
