public import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleQuant
public import DalleRuntime
import DalleVerification
import Foundation

extension ComputeContext.Route: ExpressibleByArgument {}

@main
struct DalleQuant: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalle-quant",
        abstract: "Writes the weights of a model file in fewer bits, and says what that costs.",
        discussion: """
            Every tensor gets a type by a plan, which --dry-run shows with its reasons and --keep changes; --table and \
            --report say of each how far it is from what it was. Types for --keep: float32, float16, bfloat16, int8, int4.

            EXAMPLES
              dalle-quant --int8 mega.dalle
              dalle-quant --int4 mini.dalle --keep 'decoder\\.logits=int8' --keep '^vqgan\\.'
              dalle-quant --fp16 mini.dalle -o small.dalle --dry-run
              dalle-quant --int8 mini.dalle --report int8.json --min-sqnr 35
              dalle-quant --int4 mini.dalle --calibrate prompts.txt --compare
            """,
        version: Version.text("dalle-quant"))

    static func main() { launch(foreign: foreignOptions) }

    private static let foreignOptions = [
        ForeignOption(
            advice:
                "There is no such type. There are \(QuantizationSchemes.all.map { "--\($0.option)" }.joined(separator: ", "))"
        ) {
            option in
            !QuantizationSchemes.all.contains { "--\($0.option)" == option }
                && option.firstMatch(of: /^--?(int|q|fp|bf|f|float|nf|uint)[0-9]/) != nil
        },
        ForeignOption("-m", "--model", advice: "The model file stands without an option: dalle-quant --int8 FILE"),
        ForeignOption(
            "--type", "--dtype", advice: "The type is an option of its own: --int8, --int4, --fp16 or --bf16"),
    ]

    /// The schemes there are, as options.
    struct Scheme: EnumerableFlag {
        let option: String

        static var allCases: [Scheme] { QuantizationSchemes.all.map { Scheme(option: $0.option) } }

        static func name(for value: Self) -> NameSpecification { .customLong(value.option) }

        static func help(for value: Self) -> ArgumentHelp? {
            QuantizationSchemes.named(value.option).map { ArgumentHelp(stringLiteral: $0.summary) }
        }

        func make() throws(DalleError) -> any QuantizationScheme {
            guard let scheme = QuantizationSchemes.named(option) else {
                throw DalleError(.fault, "there is no scheme '\(option)'")
            }
            return scheme
        }
    }

    @Flag var scheme: Scheme

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Option(
        name: [.short, .long, .customLong("out")],
        help: ArgumentHelp("The file to write. (default: beside FILE, its name with the type)", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Leave the tensors whose names match as they are, or give them a type; the first that matches decides.",
            valueName: "regex[=type]"))
    var keep: [String] = []

    @Option(
        help: ArgumentHelp(
            "Draw the prompts of a file, one in each line, and let what goes into a layer on the way weigh the errors of "
                + "its 4-bit numbers. Takes as long as the drawing, and memory for the weights as float32.",
            valueName: "prompts"),
        completion: .file())
    var calibrate: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file.json"), completion: .file())
    var report: String?

    @Flag(help: "List every tensor: its types, sizes and errors, and the reason.")
    var table = false

    @Option(
        help: ArgumentHelp(
            "Write nothing and exit with status 1 when a converted tensor has a lower ratio of signal to noise.",
            valueName: "db"))
    var minSqnr: Double?

    @Flag(help: "Then hold the new file's logits, codes and pixels against those of the old one.")
    var compare = false

    @Option(
        help: ArgumentHelp(
            "The route that --compare measures: fast, which draws, or reference: plain operations on float32.",
            valueName: "route"))
    var route = ComputeContext.Route.fast

    @Flag(
        name: [.customLong("from-quantised"), .customLong("from-quantized")],
        help: "Quantise what is quantised already.")
    var fromQuantised = false

    @OptionGroup var numbers: NumberOptions
    @OptionGroup var writing: WritingOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard report != OutputPath.standardOutput else {
            throw ValidationError("--json prints the report on standard output; --report takes a file.")
        }
    }

    func run() throws {
        try common.run {
            let model = try ModelFile(file)
            var overrides: [TensorOverride] = []
            for text in keep { overrides.append(try TensorOverride(text)) }
            let plan = try QuantizationPlan(
                model, try scheme.make(), overrides: overrides, fromQuantized: fromQuantised)
            let path = output ?? Self.defaultOutput(file, scheme)
            let prompts = try calibrate.map { path throws(DalleError) in try Self.prompts(path, plan) }
            var claims = OutputClaims(replacing: writing.force)
            for output in [path] + (report.map { [$0] } ?? []) { try claims.add(output) }
            // A plan alone needs no reading of weights.
            if writing.dryRun, report == nil, minSqnr == nil {
                try show(plan, path)
                return
            }
            let result = try quantize(model, plan, path, calibrating: prompts)
            var summary = ReportSummary(result, output: path)
            if compare, result.fileByteCount != nil { summary.model = try compare(path, with: model) }
            if let report {
                let file = try AtomicFile(report, replacing: writing.force)
                try file.append(Array(try Console.text(json: summary).utf8))
                try file.commit()
            }
            if table, !common.json {
                Console.result(ReportText.table(result))
            } else {
                common.console.note(ReportDigest.text(result))
            }
            for note in result.notes { common.console.note(note) }
            if common.json {
                try Console.result(json: summary)
            } else {
                Console.result(ReportText.result(result, path))
                if let model = summary.model { Console.result(ReportText.table(model)) }
            }
            if let model = summary.model, !model.pass {
                Console.fail(
                    "\(path) is written, but does not keep what its types promise",
                    remedy: "--keep REGEX=TYPE gives more bits",
                    status: 1)
                throw ExitCode(1)
            }
            if !result.passes {
                Console.fail(ReportText.failures(result), remedy: "--keep REGEX=TYPE gives it more bits", status: 1)
                throw ExitCode(1)
            }
        }
    }

    private func quantize(
        _ model: ModelFile, _ plan: QuantizationPlan, _ path: String, calibrating prompts: [String]?
    ) throws(DalleError) -> QuantizationReport {
        var quantizer = Quantizer(model, plan)
        if let prompts { quantizer.importance = try importance(model, prompts) }
        quantizer.threads = work.threadCount
        quantizer.minimumSQNR = minSqnr
        quantizer.allowsNonFinite = numbers.allowNonfinite
        let display = ProgressDisplay(
            "quantizing", total: plan.byteCountBefore, unit: .bytes, mode: work.progressMode(common))
        defer { display.finish() }
        if writing.dryRun { return try quantizer.measure { display.advance(by: $0) } }
        return try quantizer.write(to: path, replacing: writing.force) { display.advance(by: $0) }
    }

    /// - Throws: `usage` when nothing would come of them.
    private static func prompts(_ path: String, _ plan: QuantizationPlan) throws(DalleError) -> [String] {
        guard plan.decisions.contains(where: { $0.after == Int4Rows.standard.name }) else {
            throw DalleError(
                .usage, "--calibrate has no effect without 4-bit numbers", remedy: "Leave it out, or use --int4")
        }
        return try PromptFile.read(path)
    }

    private func importance(_ model: ModelFile, _ prompts: [String]) throws(DalleError) -> ImportanceMatrix {
        let calibration = Calibration(prompts: prompts)
        let display = ProgressDisplay(
            "drawing prompts", total: prompts.count, unit: .steps,
            mode: work.progressMode(common))
        defer { display.finish() }
        let squares = try calibration.inputSquares(model, threads: work.threadCount) { display.advance(by: 1) }
        return ImportanceMatrix(squares: squares, prompts: prompts)
    }

    private func compare(_ path: String, with base: ModelFile) throws(DalleError) -> ComparisonReport {
        let display = CountedProgress("comparing", work.progressMode(common))
        defer { display.finish() }
        return try ModelComparison().run(
            try DalleModel(path), against: DalleModel(base), ComputeContext(route, threads: work.threadCount),
            stage: { common.console.note($0) }, progress: { display.show($0, of: $1) })
    }

    private func show(_ plan: QuantizationPlan, _ path: String) throws {
        if table, !common.json {
            Console.result(ReportText.table(plan))
        } else {
            common.console.note(ReportDigest.text(plan))
        }
        if common.json {
            try Console.result(json: PlanSummary(plan, output: path))
        } else {
            Console.result(
                "would write \(path): \(Readable.bytes(plan.byteCountBefore)) of tensors become "
                    + Readable.bytes(plan.byteCountAfter))
        }
    }

    /// `mega.dalle` becomes `mega-fp16.dalle`.
    private static func defaultOutput(_ path: String, _ scheme: Scheme) -> String {
        let stem = path.hasSuffix(".dalle") ? String(path.dropLast(6)) : path
        return "\(stem)-\(scheme.option).dalle"
    }
}
