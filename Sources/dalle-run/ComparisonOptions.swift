import ArgumentParser
import CommandSupport
import DalleFormat
import DalleRuntime
import DalleVerification
import Foundation

/// What `verify --against` takes.
struct ComparisonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Draw the prompts of a file, one in each line.", valueName: "file"), completion: .file())
    var prompts: String?

    @Option(help: ArgumentHelp("Pictures to draw. (default: 16)", valueName: "n"))
    var pictures: Int?

    @Option(help: ArgumentHelp("Mean divergence of the logits, in nats.", valueName: "nats"))
    var maxMeanKl: Double?

    @Option(help: ArgumentHelp("Largest divergence of a position's logits.", valueName: "nats"))
    var maxKl: Double?

    @Option(help: ArgumentHelp("Share of positions with the same likeliest code.", valueName: "share"))
    var minSameTop: Double?

    @Option(
        help: ArgumentHelp("Share of positions that draw the same code after the same codes.", valueName: "share"))
    var minSameCode: Double?

    @Option(help: ArgumentHelp("Cosine of the logits.", valueName: "cosine"))
    var minCosine: Double?

    @Option(help: ArgumentHelp("Share of equal codes when each model draws on its own.", valueName: "share"))
    var minCodesEqual: Double?

    @Option(help: ArgumentHelp("Signal to noise of the pixels of the same codes.", valueName: "db"))
    var minPsnr: Double?

    @Option(help: ArgumentHelp("Structural similarity of the pixels.", valueName: "ssim"))
    var minSsim: Double?

    private var bounds: [ComparisonReport.Measure: Double] {
        let given: [(ComparisonReport.Measure, Double?)] = [
            (.meanKL, maxMeanKl), (.maxKL, maxKl), (.sameTop, minSameTop), (.sameCode, minSameCode),
            (.cosine, minCosine), (.codesEqual, minCodesEqual), (.psnr, minPsnr), (.ssim, minSsim),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { measure, bound in bound.map { (measure, $0) } })
    }

    var isUnused: Bool { bounds.isEmpty && prompts == nil && pictures == nil }

    func validate() throws {
        if let pictures, !(1...4096).contains(pictures) { throw ValidationError("--pictures is from 1 to 4096.") }
        guard bounds.values.allSatisfy({ !$0.isNaN }) else {
            throw ValidationError("--min-… and --max-… are numbers.")
        }
    }

    func run(
        _ path: String, against base: String, _ common: CommonOptions, _ work: WorkOptions, _ context: ComputeContext
    ) throws {
        var comparison = ModelComparison()
        comparison.bounds = bounds
        if let pictures { comparison.pictures = pictures }
        if let prompts { comparison.prompts = try PromptFile.read(prompts) }
        let other = try ComparisonBase(base, threads: context.threads)
        let display = CountedProgress("comparing", work.progressMode(common))
        let report = try comparison.run(
            try DalleModel(path), against: DalleModel(other.file), context, stage: { common.console.note($0) },
            progress: { display.show($0, of: $1) })
        display.finish()
        if common.json { try Console.result(json: report) } else { say(report, common.console) }
        if !report.pass { throw ExitCode(1) }
    }

    private func say(_ report: ComparisonReport, _ console: Console) {
        for note in report.notes { console.note("not compared: \(note)") }
        Console.result(TextTable.text(report.rows))
        Console.result(report.verdict)
    }
}
