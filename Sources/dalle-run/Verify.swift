import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleRuntime
import DalleVerification
import Foundation

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold a model's numbers against those of the original program.",
        discussion: """
            The reference is an .npz file of what the original computed: encoder states, teacher-forced logits, drawn \
            codes, decoded pixels, by the names in fixtures/flax/README.md and fixtures/torch/README.md. Exits with \
            status 0 when everything is within its bound, 1 when something is not.

            EXAMPLES
              dalle-run verify mini.dalle --reference expected.npz
              dalle-run verify mini.dalle --reference expected.npz --json
            """)

    @Argument(help: "The model file.")
    var file: String

    @Option(help: "The reference's .npz file.")
    var reference: String

    @Option(help: "The largest difference allowed. (default: 1e-4; 2e-3 with cosine attention, 1e-3 for pixels)")
    var bound: Double?

    @Option(help: "Threads to use. (default: all processors)")
    var threads: Int?

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run {
            let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
            Kernels.setThreads(threads)
            let report = try Verification.run(
                try ModelFile(file), against: try Reference(reference), ComputeContext(threads: threads), bound: bound)
            if common.json { try Console.result(json: report) } else { say(report) }
            if !report.pass { throw ExitCode(1) }
        }
    }

    private func say(_ report: VerificationReport) {
        for check in report.checks {
            let cosine = check.cosine.map { String(format: ", cosine %.9f", $0) } ?? ""
            Console.result(
                String(
                    format: "%@ %@: max abs %.3g%@, %.1f %% equal (bound %g)", check.pass ? "ok  " : "FAIL",
                    check.name, check.maxAbs, cosine, 100 * check.equal, check.bound))
        }
        for skip in report.skipped { common.console.note("skip \(skip.name): \(skip.reason)") }
        Console.result(report.pass ? "all \(report.checks.count) checks passed" : "FAILED")
    }
}
