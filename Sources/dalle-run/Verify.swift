import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleRuntime
import DalleVerification
import Foundation

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold a model's numbers against those of the original program, or of another precision.",
        discussion: """
            The reference is an .npz file of what the original computed: encoder states, teacher-forced logits, drawn \
            codes, decoded pixels, by the names in fixtures/flax/README.md and fixtures/torch/README.md. Exits with \
            status 0 when everything is within its bound, 1 when something is not.

            --against compares with another precision of the same model, a model file or a checkpoint: the divergence of \
            the logits after the same codes, the codes that are drawn, the pixels of the same codes. Some of these have \
            bounds by the type of the weights (docs/QUANTISATION.md); --min-… and --max-… give others.

            EXAMPLES
              dalle-run verify mini.dalle --reference expected.npz
              dalle-run verify mini-int8.dalle --against mini.dalle --max-mean-kl 0.001 --min-same-top 0.99
              dalle-run verify mini.dalle --reference expected.npz --json
            """)

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("The reference's .npz file.", valueName: "file"), completion: .file())
    var reference: String?

    @Option(
        help: ArgumentHelp(
            "Another precision: a model file, or a checkpoint as dalle-convert flax takes it.", valueName: "file|source"
        ), completion: .file())
    var against: String?

    @Option(
        help: ArgumentHelp(
            "The largest difference allowed. (default: 1e-4; 2e-3 with cosine attention, 1e-3 for pixels)",
            valueName: "d"))
    var bound: Double?

    @OptionGroup var comparison: ComparisonOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (reference == nil) != (against == nil) else {
            throw ValidationError("Name one of --reference FILE.npz and --against FILE.")
        }
        guard against != nil || comparison.isUnused else {
            throw ValidationError("--prompts, --pictures, --min-… and --max-… belong to --against.")
        }
        guard bound == nil || reference != nil else { throw ValidationError("--bound belongs to --reference.") }
        if let bound, bound.isNaN { throw ValidationError("--bound is a number.") }
    }

    func run() throws {
        try common.run {
            if let against {
                try comparison.run(file, against: against, common, work, compute.context(work))
                return
            }
            let reference = reference ?? ""
            let display = CountedProgress("checking", work.progressMode(common))
            let report = try Verification.run(
                try DalleModel(file), against: try Reference(reference), compute.context(work), bound: bound
            ) { display.show($0, of: $1) }
            display.finish()
            if common.json { try Console.result(json: report) } else { say(report) }
            if !report.pass { throw ExitCode(1) }
        }
    }

    private func say(_ report: VerificationReport) {
        for check in report.checks {
            Console.result("\(check.pass ? "ok  " : "FAIL") \(PlainText.line(check.name)): \(Self.finding(check))")
        }
        for (reason, skipped) in Dictionary(grouping: report.skipped, by: \.reason).sorted(by: { $0.key < $1.key }) {
            common.console.note(
                "skipped \(skipped.map { PlainText.line($0.name) }.joined(separator: ", ").shortened(to: 100)): \(reason)"
            )
        }
        let failed = report.checks.count { !$0.pass }
        Console.result(
            report.pass ? "all \(report.checks.count) checks passed" : "\(failed) of \(report.checks.count) failed")
    }

    private static func finding(_ check: VerificationReport.Check) -> String {
        guard check.maxAbs.isFinite else { return "not of the reference's size, or not numbers" }
        guard let cosine = check.cosine else {
            return check.pass
                ? "all codes equal" : String(format: "%.1f %% of the codes are equal", 100 * check.equal)
        }
        return String(format: "max abs %.3g (bound %g), cosine %.9f", check.maxAbs, check.bound, cosine)
    }
}

extension String {
    fileprivate func shortened(to count: Int) -> String { self.count > count ? "\(prefix(count)) …" : self }
}
