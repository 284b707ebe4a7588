import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleRuntime
import Foundation

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine draws, and how fast it could.",
        discussion: """
            For each stage the median time and what reading its weights at this machine's bandwidth, or its arithmetic \
            at this machine's peak, would take. Bandwidth and peak are measured between the runs, with the same threads, and \
            each run is held against what was possible just before it. In float32 most of a VQGAN's products are \
            saved, so that it may take less than the limit.

            EXAMPLES
              dalle-run bench mega-int8.dalle
              DALLE_ISA=scalar dalle-run bench mini.dalle --threads 1 --json
            """)

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Option(help: "What is encoded.")
    var prompt = "a red fox in the snow"

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run {
            let context = compute.context(work)
            let model = try DalleModel(file)
            let benchmark = try RuntimeBenchmark(model, context, prompt: prompt) { stage in
                if work.progress != .none { common.console.note(stage) }
            }
            if common.json {
                try Console.result(json: Report(benchmark, context))
            } else {
                say(benchmark, context)
            }
        }
    }

    private func say(_ benchmark: RuntimeBenchmark, _ context: ComputeContext) {
        let limits = benchmark.limits
        Console.result(
            String(
                format: "%@, %d threads: reads %.1f GB/s; %.0f G products/s in float32, %.0f in 8 bits",
                context.kernels.name, context.threads, limits.readBandwidth / 1e9, limits.floatProducts / 1e9,
                limits.byteProducts / 1e9))
        var rows = [["stage", "ms", "limit", "ratio", "read", "operations"]]
        for stage in benchmark.stages {
            rows.append([
                stage.name, String(format: "%.2f", 1000 * stage.seconds),
                String(format: "%.2f", 1000 * stage.limitSeconds), String(format: "%.2f", stage.ratio),
                Readable.bytes(stage.bytes), String(format: "%.2f G", Double(stage.operations) / 1e9),
            ])
        }
        Console.result(TextTable.text(rows))
    }

    private struct Report: Encodable {
        struct Stage: Encodable {
            let name: String
            let seconds: Double
            let runs: Int
            let bytes: Int
            let flops: Int
            let limitSeconds: Double
            let ratio: Double

            enum CodingKeys: String, CodingKey {
                case name, seconds, runs, bytes, flops, ratio
                case limitSeconds = "limit_seconds"
            }
        }

        let kernels: String
        let threads: Int
        /// Per second: bytes, products.
        let readBandwidth: Double
        let floatProducts: Double
        let byteProducts: Double
        let stages: [Stage]
        let peakMemory: Int

        enum CodingKeys: String, CodingKey {
            case kernels, threads, stages
            case readBandwidth = "read_bandwidth"
            case floatProducts = "float_products"
            case byteProducts = "byte_products"
            case peakMemory = "peak_memory"
        }

        init(_ benchmark: RuntimeBenchmark, _ context: ComputeContext) {
            kernels = context.kernels.name
            threads = context.threads
            readBandwidth = benchmark.limits.readBandwidth
            floatProducts = benchmark.limits.floatProducts
            byteProducts = benchmark.limits.byteProducts
            stages = benchmark.stages.map {
                Stage(
                    name: $0.name, seconds: $0.seconds, runs: $0.runs, bytes: $0.bytes, flops: $0.operations,
                    limitSeconds: $0.limitSeconds, ratio: $0.ratio)
            }
            peakMemory = PeakMemory.byteCount
        }
    }
}
