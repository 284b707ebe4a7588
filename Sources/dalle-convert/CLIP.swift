import ArgumentParser
import CommandSupport
import DalleConvert

struct CLIP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clip",
        abstract: "Convert a CLIP, which judges how well a picture fits a text.",
        discussion: """
            SOURCE is a directory in Hugging Face's layout: config.json, model.safetensors or pytorch_model.bin, and the \
            tokenizer's files. CLIPs with a vision transformer are supported.

            EXAMPLES
              dalle-convert clip clip-vit-base-patch32/ -o clip.dalle
            """)

    @Argument(help: "The directory, or the file of tensors in it.")
    var source: String

    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        try conversion.convert(source, step: "convert clip") { try CLIPImport.read(source) }
    }
}
