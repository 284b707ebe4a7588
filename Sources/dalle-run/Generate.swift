import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleRuntime
import Foundation

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw images of a prompt.",
        discussion: """
            The same model, prompt, seed and settings give the same image; image i of several has the seed plus i. The \
            prompt, the seed and the settings are also written into the PNG.

            EXAMPLES
              dalle-run mini.dalle "an armchair in the shape of an avocado"
              dalle-run mini.dalle "a red fox in the snow" --seed 7 --grid 3 -o foxes.png
              dalle-run mini.dalle "a red fox in the snow" --count 4 --condition-scale 5 --top-k 100
              dalle-run mini.dalle --prompts captions.txt --grid 4 -o sheet.png
            """)

    @Argument(help: "The model file.")
    var file: String

    @Argument(help: "What to draw.")
    var prompt: String?

    @Option(help: "A file with a prompt in each line, instead of one prompt.")
    var prompts: String?

    @Option(
        name: .shortAndLong,
        help: "The PNG file; of several, the name that numbers are added to. (default: from prompt and seed)")
    var output: String?

    @Option(help: "The seed of the first image, 0 to 4294967295. (default: drawn at random, and said)")
    var seed: UInt32?

    @Option(help: "Images for each prompt. (default: 1; with --grid what fills it)")
    var count: Int?

    @Option(help: "Put all images into one file with this many columns; of several prompts, each has a row.")
    var grid: Int?

    @Option(help: "Draw --count images of each prompt (8 if not given) and keep this many, the best by CLIP.")
    var keep: Int?

    @OptionGroup(title: "Drawing codes") var sampling: SamplingOptions

    @Option(help: "Write the codes that were drawn to this JSON file.")
    var tokensOut: String?

    @Option(help: "Threads to use. (default: all processors)")
    var threads: Int?

    @Option(help: "How to show progress: auto, bar, json or none.")
    var progress: ProgressMode = .auto

    @Flag(help: "Replace files that exist.")
    var force = false

    @OptionGroup var common: CommonOptions

    /// Images of a prompt from which the best are kept, if not given.
    private static let drawnToKeep = 8

    func validate() throws {
        guard (prompt == nil) != (prompts == nil) else {
            throw ValidationError("Give a prompt, or --prompts with a file of prompts.")
        }
        if let count, count < 1 { throw ValidationError("--count is at least 1.") }
        if let keep, keep < 1 || keep > count ?? Self.drawnToKeep {
            throw ValidationError("--keep is from 1 to the number of images drawn, \(count ?? Self.drawnToKeep).")
        }
        if let grid, !(1...64).contains(grid) { throw ValidationError("--grid is from 1 to 64 columns.") }
    }

    func run() throws {
        try common.run {
            let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
            Kernels.setThreads(threads)
            let texts = try prompts.map(PromptFile.read) ?? [prompt ?? ""]
            let seed = seed ?? UInt32.random(in: 0...UInt32.max)
            let generator = try ImageGenerator(try ModelFile(file), ComputeContext(threads: threads))
            let settings = sampling.settings(generator.defaults)
            let outputs = OutputPlan(
                texts: texts, output: output, seed: seed, count: imagesOfAPrompt(texts.count), keep: keep,
                columns: grid, replacing: force)
            try outputs.requireFree(also: tokensOut)
            try draw(generator, settings, outputs)
        }
    }

    /// What is drawn of each prompt: as said, enough to choose from, or what fills the grid.
    private func imagesOfAPrompt(_ prompts: Int) -> Int {
        if let count { return count }
        if keep != nil { return Self.drawnToKeep }
        return grid.map { prompts > 1 ? $0 : $0 * $0 } ?? 1
    }

    private func draw(
        _ generator: ImageGenerator, _ settings: GenerationDefaults, _ outputs: OutputPlan
    ) throws {
        let start = ContinuousClock.now
        let display = GenerationProgress(common.quiet ? .none : progress)
        var delivery = ImageDelivery(outputs, settings, model: file, isGreedy: sampling.greedy)
        try generator.generate(
            outputs.requests, settings: settings, isGreedy: sampling.greedy, keepingBest: keep, progress: display.show
        ) { result throws(DalleError) in
            if let written = try delivery.deliver(result), !common.json {
                display.clear()
                Console.result(written)
            }
        }
        display.clear()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if let tokensOut { try delivery.writeCodes(to: tokensOut) }
        if common.json {
            delivery.report.seconds = seconds
            try Console.result(json: delivery.report)
        } else {
            common.console.note(
                "\(outputs.requests.count) drawn in \(Readable.seconds(seconds)), "
                    + "peak memory \(Readable.bytes(PeakMemory.byteCount))")
        }
    }
}
