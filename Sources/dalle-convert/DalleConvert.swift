import ArgumentParser
import CommandSupport
import DalleFormat

@main
struct DalleConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalle-convert",
        abstract: "Turns published checkpoints of the DALL·E family into one compact model file.",
        discussion: """
            EXAMPLES
              dalle-convert flax mega/ --vqgan vqgan_imagenet_f16_16384/ -o mega.dalle
                  a directory with checkpoint, config.json and tokenizer, and the VQGAN that makes pictures of codes
              dalle-convert flax mega.msgpack
                  a lone checkpoint file; its settings are recognised from its shapes
              dalle-convert inspect mini.dalle --tensors
              dalle-convert check mini.dalle
            """,
        version: Version.text("dalle-convert"),
        subcommands: [
            Flax.self, MinDalle.self, VQGAN.self, CLIP.self, Inspect.self, Check.self, Merge.self, Export.self,
        ])

    private static let foreignOptions = [
        ForeignOption(
            "-i", "--input", "-m", "--model", "--checkpoint", "--ckpt",
            advice: "What is read stands without an option: dalle-convert flax SOURCE"),
        ForeignOption(
            "--outtype", "--type", "--precision",
            advice: "--dtype is the type of the weights; dalle-quant writes them in fewer bits"),
        ForeignOption("--fp16", "--half", advice: "The option is --dtype float16"),
        ForeignOption("--overwrite", "-y", "--yes", advice: "--force replaces files that exist"),
    ]

    static func main() {
        // A checkpoint in the place of what it is: the commonest slip.
        if let first = CommandLine.arguments.dropFirst().first, !first.hasPrefix("-"), PathKind(first) != .nothing,
            !configuration.subcommands.contains(where: {
                ($0.configuration.commandName ?? "\($0)".lowercased()) == first
            })
        {
            Console.fail(CommandProposal.text(first, Array(CommandLine.arguments.dropFirst(2))), status: 64)
            leave(64)
        }
        launch(foreign: foreignOptions)
    }
}
