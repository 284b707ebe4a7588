import ArgumentParser
import CommandSupport
import DalleFormat
import DalleQuant
import Foundation

@main
struct DalleQuant: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalle-quant",
        abstract: "Writes the weights of a model file in fewer bits.",
        discussion: """
            This version rounds to float16 and bfloat16. The report says what became of each tensor with --dry-run.

            EXAMPLES
              dalle-quant --fp16 mini.dalle
              dalle-quant --bf16 mini.dalle -o small.dalle --dry-run
            """,
        version: Version.text("dalle-quant"))

    enum Scheme: String, EnumerableFlag {
        case fp16, bf16, int8, int4

        static func help(for value: Self) -> ArgumentHelp? {
            switch value {
            case .fp16: "Round to float16: half the size of float32, what the released models were saved in."
            case .bf16: "Round to bfloat16: float32's range with 8 bits of precision."
            case .int8, .int4: "Not part of this version."
            }
        }

        func make() throws(DalleError) -> any QuantizationScheme {
            switch self {
            case .fp16: return FloatCast.float16
            case .bf16: return FloatCast.bfloat16
            case .int8, .int4:
                throw DalleError(
                    .usage, "--\(rawValue) is not part of this version", remedy: "Use --fp16 or --bf16 for now")
            }
        }
    }

    @Flag var scheme: Scheme

    @Argument(help: "The model file.")
    var file: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write. (default: beside FILE, its name with the type)", valueName: "file"))
    var output: String?

    @OptionGroup var writing: WritingOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    private struct Report: Encodable {
        let output: String
        let tensorBytesBefore: Int
        let tensorBytesAfter: Int
        let bytes: Int?

        enum CodingKeys: String, CodingKey {
            case output, bytes
            case tensorBytesBefore = "tensor_bytes_before"
            case tensorBytesAfter = "tensor_bytes_after"
        }
    }

    func run() throws {
        try common.run {
            let quantizer = Quantizer(try ModelFile(file), try scheme.make())
            let path = output ?? Self.defaultOutput(file, scheme)
            guard quantizer.plan.contains(where: { $0.dtype != nil }) else {
                throw DalleError(
                    .usage, "no weight would change with --\(scheme.rawValue)", remedy: "Use the file as it is",
                    file: file)
            }
            try OutputPath.check(path, replacing: writing.force, inputs: [file])
            let before = quantizer.plan.reduce(0) { $0 + $1.tensor.byteCount }
            let after = quantizer.plan.reduce(0) { $0 + $1.byteCount }
            var written: Int?
            if writing.dryRun {
                for change in quantizer.plan { common.console.note(Self.line(change)) }
            } else {
                let display = ProgressDisplay(
                    "quantizing", total: after, unit: .bytes, mode: common.quiet ? .none : work.progress)
                defer { display.finish() }
                written = try quantizer.write(
                    to: path, compression: .zstd(level: 3), replacing: writing.force,
                    threads: work.threadCount
                ) { display.advance(by: $0) }
            }
            if common.json {
                try Console.result(
                    json: Report(output: path, tensorBytesBefore: before, tensorBytesAfter: after, bytes: written))
            } else {
                let sizes = "\(Readable.bytes(before)) of tensors become \(Readable.bytes(after))"
                Console.result(
                    written.map { "\(path): \(Readable.bytes($0)), \(sizes)" } ?? "would write \(path): \(sizes)")
            }
        }
    }

    private static func line(_ change: Quantizer.Change) -> String {
        let tensor = change.tensor
        return "\(tensor.name) \(tensor.shape): \(tensor.dtype.rawValue) → \((change.dtype ?? tensor.dtype).rawValue), "
            + "\(Readable.bytes(tensor.byteCount)) → \(Readable.bytes(change.byteCount))"
    }

    /// `mega.dalle` becomes `mega-fp16.dalle`.
    private static func defaultOutput(_ path: String, _ scheme: Scheme) -> String {
        let stem = path.hasSuffix(".dalle") ? String(path.dropLast(6)) : path
        return "\(stem)-\(scheme.rawValue).dalle"
    }
}
