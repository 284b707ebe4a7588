import ArgumentParser
import CommandSupport

@main
struct DalleConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalle-convert",
        abstract: "Turns published checkpoints of the DALL·E family into one compact model file.",
        discussion: """
            EXAMPLES
              dalle-convert flax mega.msgpack
                  a lone checkpoint file; its settings are recognised from its shapes
              dalle-convert flax dalle-mini/ --vqgan vqgan.ckpt -o mini.dalle
                  a directory with config.json and tokenizer, and the VQGAN that makes pictures of codes
              dalle-convert inspect mini.dalle --tensors
              dalle-convert check mini.dalle
            """,
        version: Version.text("dalle-convert"),
        subcommands: [Flax.self, VQGAN.self, CLIP.self, Inspect.self, Check.self])
}
