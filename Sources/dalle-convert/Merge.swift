import ArgumentParser
import CommandSupport
import DalleFormat

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put the parts of several model files into one.",
        discussion: """
            Nothing is decoded or compressed again. A part that is the same in several files is taken once; different \
            ones of the same kind are refused.

            EXAMPLES
              dalle-convert merge mega.dalle vqgan.dalle -o complete.dalle
              dalle-convert merge complete.dalle clip.dalle -o judged.dalle
            """)

    @Argument(help: "The model files.", completion: .file())
    var files: [String]

    @Option(
        name: [.short, .long, .customLong("out")], help: ArgumentHelp("The model file to write.", valueName: "file"),
        completion: .file())
    var output: String

    @OptionGroup var numbers: NumberOptions
    @OptionGroup var writing: WritingOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if files.count < 2 { throw ValidationError("Name at least two files to merge.") }
    }

    private struct Report: Encodable {
        let output: String
        /// Bytes of the file; none when nothing was written.
        let bytes: Int?
        let parts: [String]
    }

    func run() throws {
        try common.run {
            var models: [ModelFile] = []
            for file in files { models.append(try ModelFile(file)) }
            var merge = try ModelMerge(models)
            merge.allowsNonFinite = numbers.allowNonfinite
            var claims = OutputClaims(replacing: writing.force)
            try claims.add(output, byteCount: merge.storedByteCount)
            var written: Int?
            if !writing.dryRun {
                let display = ProgressDisplay(
                    "merging", total: merge.storedByteCount, unit: .bytes, mode: work.progressMode(common))
                defer { display.finish() }
                written = try merge.write(to: output, replacing: writing.force, threads: work.threadCount) {
                    display.advance(by: $0)
                }
            }
            let parts = merge.components.map(\.name)
            if common.json {
                try Console.result(json: Report(output: output, bytes: written, parts: parts))
            } else {
                let size = written.map { Readable.bytes($0) } ?? "nothing written"
                Console.result("\(output): \(size), \(parts.joined(separator: ", "))")
            }
        }
    }
}
