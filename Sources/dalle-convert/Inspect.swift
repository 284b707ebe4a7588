import ArgumentParser
import CommandSupport
import DalleFormat

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what is in a model file.")

    @Argument(help: "The model file.")
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
