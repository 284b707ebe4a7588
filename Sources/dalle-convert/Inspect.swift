import ArgumentParser
import CommandSupport
import DalleFormat

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is in a model file.",
        discussion: """
            Parts, sizes, types, settings, where it comes from, and the memory that drawing with it takes.

            EXAMPLES
              dalle-convert inspect mega.dalle
              dalle-convert inspect mega.dalle --tensors --json
            """)

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Flag(help: "List every tensor.")
    var tensors = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run {
            let summary = ModelSummary(try ModelFile(file), listsTensors: tensors)
            if common.json { try Console.result(json: summary) } else { Console.result(summary.text) }
        }
    }
}
