import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleModels
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
              dalle-run mini.dalle --prompts captions.txt --count 4 --seed 1 -o out/ --skip-existing
              dalle-run mini.dalle --prompts captions.txt -o '{n:3}-{seed}-{prompt}.png'
              grep fox captions.txt | dalle-run mini.dalle --prompts -
              dalle-run mini.dalle "a red fox in the snow" -o - | magick - fox.jpg
            """)

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Argument(
        help: ArgumentHelp(
            "What to draw, in quotes or as words; after --, if it begins with one; - reads it from standard input.",
            valueName: "prompt"))
    var words: [String] = []

    @Option(
        help: ArgumentHelp(
            "A text with a prompt in each line, instead of one prompt: a file, a pipe, or - for standard input.",
            valueName: "file"), completion: .file())
    var prompts: String?

    @Option(
        name: [.short, .long, .customLong("out")],
        help: ArgumentHelp(
            """
            The PNG file: of several, the name that N, the prompt's number, and the seed are added to, NAME-N-SEED.png. Or \
            a directory, or a name with {n} or {n:3}, {seed} and {prompt}; or - for one picture on standard output. (default: from prompt \
            and seed)
            """, valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        name: [.long, .customShort("s")], parsing: .unconditional,
        help: ArgumentHelp(
            "The seed of the first image, 0 to 4294967295; -1 for any. (default: drawn at random, and said)",
            valueName: "n"))
    var seed: SeedOption?

    @Option(
        name: [.long, .customShort("n"), .customLong("batch-count")], parsing: .unconditional,
        help: ArgumentHelp("Images for each prompt. (default: 1; with --grid what fills it)", valueName: "n"))
    var count: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Put all images into one file with this many columns; of several prompts, each has a row.",
            valueName: "columns"))
    var grid: Int?

    @Option(help: ArgumentHelp("White pixels between the images of a grid.", valueName: "pixels"))
    var gridGap = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Draw --count images of each prompt (8 if not given) and keep this many, the best by CLIP.",
            valueName: "n"))
    var keep: Int?

    @OptionGroup(title: "Drawing codes") var sampling: SamplingArguments

    @Option(
        help: ArgumentHelp(
            "Write the codes that were drawn to this JSON file; - is standard output.", valueName: "file"),
        completion: .file())
    var tokensOut: String?

    @Flag(help: "Replace files that exist.")
    var force = false

    @Flag(help: "Do not draw again what is there already: goes on where a run with the same --seed was stopped.")
    var skipExisting = false

    @Option(
        help: ArgumentHelp(
            "Stay within so much memory, like 1500M or 2G: draw fewer images together, read weights again for each code.",
            valueName: "size"))
    var maxMemory: ByteSize?

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    /// Images of a prompt from which the best are kept, if not given.
    private static let drawnToKeep = 8

    private var prompt: String { words.joined(separator: " ") }

    func validate() throws {
        guard words.isEmpty != (prompts == nil) else {
            throw ValidationError("Give a prompt, or --prompts with a file of prompts.")
        }
        guard words.isEmpty || !prompt.allSatisfy(\.isWhitespace) else {
            throw ValidationError("The prompt is empty.")
        }
        guard words.count < 2 || !words.contains(where: { $0.contains(" ") }) else {
            throw ValidationError(
                "One prompt at a time, or --prompts with a file of prompts: there are '\(words[0])' and '\(words[1])'.")
        }
        if let count, count < 1 { throw ValidationError("--count is at least 1.") }
        if let keep, keep < 1 || keep > count ?? Self.drawnToKeep {
            throw ValidationError("--keep is from 1 to the number of images drawn, \(count ?? Self.drawnToKeep).")
        }
        if let grid, !(1...64).contains(grid) { throw ValidationError("--grid is from 1 to 64 columns.") }
        guard (0...1024).contains(gridGap) else { throw ValidationError("--grid-gap is from 0 to 1024 pixels.") }
        guard !skipExisting || seed?.number != nil else {
            throw ValidationError("--skip-existing needs the --seed of the run that it continues.")
        }
        guard !(skipExisting && force) else {
            throw ValidationError("--skip-existing keeps what is there, and --force replaces it: give one of them.")
        }
        guard output != OutputPath.standardOutput || !(common.json || skipExisting) else {
            throw ValidationError(
                "-o - writes the picture to standard output, not beside \(common.json ? "--json" : "--skip-existing"): "
                    + "give -o a file.")
        }
        guard tokensOut != OutputPath.standardOutput || !(common.json || output == OutputPath.standardOutput) else {
            throw ValidationError(
                "--tokens-out - writes the codes to standard output, not beside "
                    + (common.json ? "--json, which prints them too." : "-o -: give one of them a file."))
        }
        guard maxMemory == nil || compute.route == .fast else {
            throw ValidationError("--max-memory is for the fast route.")
        }
        guard !sampling.greedy || (count ?? 1 == 1 && keep == nil) else {
            throw ValidationError("--greedy draws the same image of a prompt every time: draw it once.")
        }
        if let output, let end = output.lastIndex(of: ".").map({ output[$0...].lowercased() }),
            [".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"].contains(end)
        {
            throw ValidationError("Pictures are written as PNG: give -o a name that ends in .png.")
        }
    }

    func run() throws {
        try common.run {
            let texts =
                if let prompts { try PromptFile.read(prompts) } else {
                    [words == [TextFile.standardInput] ? try PromptFile.readOne(TextFile.standardInput) : prompt]
                }
            let first = seed?.number ?? UInt32.random(in: 0...UInt32.max)
            let outputs = OutputPlan(
                texts: texts, name: try OutputName(output), seed: first, count: imagesOfAPrompt(texts.count),
                keep: keep,
                columns: grid, replacing: force, skipsExisting: skipExisting)
            let model = try openModel()
            var directories = NewDirectories()
            defer { directories.removeEmpty() }
            try outputs.check(also: tokensOut, making: &directories)
            let context = compute.context(work)
            let generator = try ImageGenerator(DalleModel(model), context)
            noteUnsureCharacters(generator.unsureCharacters(texts))
            let settings = sampling.settings(generator.defaults)
            let plan = try memoryPlan(model, settings, images: outputs.requests.count)
            if !outputs.skipped.isEmpty {
                let count = outputs.skipped.count
                common.console.note(
                    count == 1 ? "1 picture exists already and stays" : "\(count) pictures exist already and stay")
            }
            let display = GenerationProgress(
                work.progressMode(common), try estimate(model, context, settings, outputs, plan))
            try draw(generator, settings, outputs, model, plan, display)
        }
    }

    /// Says once which characters of the prompts may be misread.
    private func noteUnsureCharacters(_ characters: [Unicode.Scalar]) {
        guard !characters.isEmpty else { return }
        let shown = characters.prefix(8).map { character in
            let code = String(character.value, radix: 16, uppercase: true)
            let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
            // A control or private character would only disturb the terminal.
            return character.properties.isAlphabetic ? "\(character) (\(name))" : name
        }
        let rest = characters.count > shown.count ? " and \(characters.count - shown.count) more" : ""
        common.console.note(
            "not sure to be read as the model learned them: \(shown.joined(separator: ", "))\(rest); converting the "
                + "model with --unidecode makes it sure")
    }

    private func estimate(
        _ model: ModelFile, _ context: ComputeContext, _ settings: GenerationDefaults, _ outputs: OutputPlan,
        _ plan: MemoryPlan
    ) throws(DalleError) -> GenerationEstimate {
        let sequences = settings.conditionScale == 1 ? 1 : 2
        let prompts = Set(outputs.requests.map(\.prompt)).count
        return GenerationEstimate(
            try GenerationCost(DalleModel(model), context, sequences: sequences, ranks: keep != nil),
            prompts: prompts + sequences - 1,
            images: outputs.requests.count, batch: plan.batch)
    }

    private func memoryPlan(
        _ model: ModelFile, _ settings: GenerationDefaults, images: Int
    ) throws(DalleError) -> MemoryPlan {
        // The reference route's results depend on the batch, and its weights are copies.
        guard compute.route == .fast else { return .oneByOne }
        let available = AvailableMemory.byteCount
        let plan = try MemoryPlan(
            DalleModel(model), images: sampling.greedy ? 1 : images, sequences: settings.conditionScale == 1 ? 1 : 2,
            ranks: keep != nil, limit: maxMemory?.byteCount, available: available)
        if let available, available < plan.byteCount {
            common.console.note(
                "this takes about \(Readable.bytes(plan.byteCount)) of memory and \(Readable.bytes(available)) are "
                    + "available: it will be slow, or the system may stop it")
        }
        return plan
    }

    private func openModel() throws(DalleError) -> ModelFile {
        guard PathKind(file) != .nothing || PathKind(prompt) != .file || UsageAdvice.nearestSubcommand(file) != nil
        else {
            throw DalleError(
                .usage, "is no file, but the prompt is", remedy: "The model file comes first, then the prompt",
                file: file)
        }
        return try ModelFile(file)
    }

    /// What is drawn of each prompt: as said, enough to choose from, or what fills the grid.
    private func imagesOfAPrompt(_ prompts: Int) -> Int {
        if let count { return count }
        if keep != nil { return Self.drawnToKeep }
        if sampling.greedy { return 1 }
        return grid.map { prompts > 1 ? $0 : $0 * $0 } ?? 1
    }

    private func draw(
        _ generator: ImageGenerator, _ settings: GenerationDefaults, _ outputs: OutputPlan, _ model: ModelFile,
        _ plan: MemoryPlan, _ display: GenerationProgress
    ) throws {
        var stages = StageTimes()
        // Said when drawing begins: before an error it would mean nothing.
        var unsaid = seed?.number == nil ? outputs.requests.first?.seed : nil
        var delivery = ImageDelivery(
            outputs, settings, model: model, isGreedy: sampling.greedy, random: sampling.random, gap: gridGap)
        guard !outputs.requests.isEmpty else { return try report(delivery, [], outputs) }
        try generator.generate(
            outputs.requests,
            GenerationOptions(
                SamplingOptions(settings, isGreedy: sampling.greedy, random: sampling.random), keepingBest: keep),
            plan: plan
        ) { event in
            if let signal = Interruption.signal { end(signal, keeping: delivery) }
            stages.note(event)
            if let seed = unsaid {
                common.console.note("seed \(seed)")
                unsaid = nil
            }
            if case .truncated(let prompt, let kept, let unseen) = event {
                display.clear()
                common.console.note(
                    "only the first \(kept) tokens of '\(PlainText.line(prompt, maximumLength: 60))' are seen, for the model "
                        + "takes no more; not '\(PlainText.line(unseen, maximumLength: 60))'")
            } else {
                display.show(event)
            }
        } deliver: { result throws(DalleError) in
            // A picture that cannot be written does not take the others with it.
            do throws(DalleError) {
                let said = try delivery.deliver(result)
                if !delivery.pending.isEmpty { Interruption.wait() }
                guard let written = said, !common.json else { return }
                display.clear()
                if outputs.isStream || tokensOut == OutputPath.standardOutput {
                    common.console.note(written)
                } else {
                    Console.result(written)
                }
            } catch {
                guard error.code == .cannotWrite else { throw error }
                // The only one is said at the end.
                guard outputs.fileCount > 1 else { return }
                display.clear()
                Console.fail(error)
            }
        }
        Interruption.release()
        display.clear()
        try report(delivery, stages.finish(), outputs)
    }

    /// Ends an interrupted command with the part of a sheet that is finished.
    private func end(_ signal: Int32, keeping delivery: ImageDelivery) -> Never {
        do throws(DalleError) {
            if let kept = try delivery.keepPending() { Interruption.end(signal, "Interrupted: \(kept)") }
        } catch {
            Console.fail(error)
        }
        Interruption.end(signal, nil)
    }

    private func report(
        _ delivery: ImageDelivery, _ times: [(name: String, seconds: Double)], _ outputs: OutputPlan
    ) throws {
        let isBatch = outputs.fileCount > 1
        var unsaid = isBatch ? [] : delivery.unwritten
        if let tokensOut {
            do throws(DalleError) { try delivery.writeCodes(to: tokensOut) } catch { unsaid.append(error) }
        }
        let seconds = times.reduce(0) { $0 + $1.seconds }
        if common.json {
            var report = delivery.report
            report.seconds = seconds
            report.stages = Dictionary(uniqueKeysWithValues: times.map { ($0.name, $0.seconds) })
            report.peakMemory = PeakMemory.byteCount
            report.pagesRead = PeakMemory.pagesRead
            try Console.result(json: report)
        } else if !times.isEmpty {
            common.console.note(
                "\(outputs.requests.count) drawn in \(Readable.seconds(seconds)) ("
                    + times.map { "\($0.name) \(Readable.seconds($0.seconds))" }.joined(separator: ", ")
                    + "), peak memory \(Readable.bytes(PeakMemory.byteCount)), "
                    + "\(Readable.count(PeakMemory.pagesRead, "page")) read from disk")
        }
        let lost = delivery.unwritten.count
        if isBatch, lost > 0 {
            unsaid.append(
                DalleError(
                    .cannotWrite, "\(lost) of \(outputs.fileCount) files \(lost == 1 ? "is" : "are") not written"))
        }
        for error in unsaid.dropLast() { Console.fail(error) }
        if let last = unsaid.last { throw last }
    }
}
