public import ArgumentParser
import CommandSupport
public import DalleConvert
import DalleFormat
import Foundation

extension ModelAssembly.WeightType: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "fp32", "f32": self = .float32
        case "fp16", "f16", "half": self = .float16
        case "bf16": self = .bfloat16
        default: self.init(rawValue: argument)
        }
    }
}

/// zstd's level, or none.
struct CompressionOption: ExpressibleByArgument {
    let compression: Compression

    static let standard = CompressionOption(compression: .zstd(level: 3))

    var defaultValueDescription: String { "zstd:3" }

    init(compression: Compression) { self.compression = compression }

    init?(argument: String) {
        switch argument {
        case "none": compression = .none
        case "zstd": self = .standard
        default:
            guard argument.hasPrefix("zstd:"), let level = Int(argument.dropFirst(5)) else { return nil }
            compression = .zstd(level: level)
        }
    }
}

/// Options of all conversions: what is written, and how.
struct ConversionOptions: ParsableArguments {
    @Option(
        name: [.short, .long, .customLong("out")],
        help: ArgumentHelp(
            "The model file to write. (default: the source's name with .dalle, in this directory)", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp(
            "The type of the weights: keep, float32, float16 (fp16) or bfloat16 (bf16).", valueName: "type"))
    var dtype: ModelAssembly.WeightType = .keep

    @Option(
        help: ArgumentHelp(
            "none, or zstd[:LEVEL] for what is read once; what every drawn code reads again is stored.",
            valueName: "how"))
    var compress = CompressionOption.standard

    @OptionGroup var numbers: NumberOptions
    @OptionGroup var writing: WritingOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    /// Writes the parts that `read` gives, and reports.
    func convert(_ source: String, step: String, read: () throws -> [ImportedComponent]) throws {
        try common.run {
            let parts = try read()
            var assembly = ModelAssembly()
            assembly.weightType = dtype
            assembly.compression = compress.compression
            assembly.replacesExisting = writing.force
            assembly.threads = work.threadCount
            assembly.allowsNonFinite = numbers.allowNonfinite
            let path = output ?? Self.defaultOutput(source)
            var claims = OutputClaims(replacing: writing.force)
            try claims.add(path, byteCount: compress.compression == .none ? assembly.byteCount(parts) : 0)
            let start = ContinuousClock.now
            var written: Int?
            var notes = assembly.notes(parts)
            if !writing.dryRun {
                let total = assembly.byteCount(parts)
                let display = ProgressDisplay(
                    "converting", total: total, unit: .bytes, mode: work.progressMode(common))
                defer { display.finish() }
                written = try assembly.write(parts, to: path, step: step) {
                    notes.append($0)
                } progress: {
                    display.advance(by: $0)
                }
            }
            let report = ConversionReport(
                parts, output: path, bytes: written, assembly.byteCount(parts), notes: notes)
            if common.json {
                try Console.result(json: report)
            } else {
                report.say(common.console, seconds: (ContinuousClock.now - start) / .seconds(1))
            }
        }
    }

    /// The checkpoint's own name; where that is the same for all, its directory's.
    static func defaultOutput(_ source: String) -> String {
        var url = URL(filePath: source).standardizedFileURL
        if url.lastPathComponent.hasPrefix("flax_model") { url.deleteLastPathComponent() }
        let name = url.lastPathComponent
        let stem = PathKind(source) == .directory ? name : url.deletingPathExtension().lastPathComponent
        return "\(stem).dalle"
    }
}
