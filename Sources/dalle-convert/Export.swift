import ArgumentParser
import CommandSupport
import DalleConvert
import DalleFormat

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a model file's parts as safetensors, config.json and tokenizer files.",
        discussion: """
            A part becomes NAME.safetensors with the tensors under their canonical names, its settings stand in \
            config.json, and a tokenizer's vocab.json and merges.txt lie in a directory of their own. Converting the \
            directory again gives a model file of the same content, bit by bit:

            EXAMPLES
              dalle-convert export mini.dalle -o mini/
              dalle-convert flax mini/ -o again.dalle
            """)

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Option(
        name: [.short, .long, .customLong("out")],
        help: ArgumentHelp("The directory to write.", valueName: "directory"), completion: .directory)
    var output: String

    @OptionGroup var writing: WritingOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    private struct Report: Encodable {
        let output: String
        let files: [String]
        let content: String
    }

    func run() throws {
        try common.run {
            let model = try ModelFile(file)
            let export = try ModelExport(model)
            if writing.dryRun {
                try export.check(output, replacing: writing.force)
            } else {
                let display = ProgressDisplay(
                    "exporting", total: export.byteCount, unit: .bytes, mode: work.progressMode(common))
                defer { display.finish() }
                try export.write(to: output, replacing: writing.force, threads: work.threadCount) {
                    display.advance(by: $0)
                }
            }
            if common.json {
                try Console.result(
                    json: Report(output: output, files: export.fileNames, content: model.content.description))
            } else {
                let verb = writing.dryRun ? "would hold " : ""
                Console.result("\(output): \(verb)\(export.fileNames.joined(separator: ", "))")
            }
        }
    }
}
