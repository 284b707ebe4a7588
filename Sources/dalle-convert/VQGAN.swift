import ArgumentParser
import CommandSupport
import DalleConvert
import DalleFormat
import DalleModels

struct VQGAN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vqgan",
        abstract: "Convert a VQGAN from PyTorch or Flax.",
        discussion: """
            EXAMPLES
              dalle-convert vqgan last.ckpt
              dalle-convert vqgan vqgan_imagenet_f16_16384/ -o vqgan.dalle
              dalle-convert vqgan last.ckpt --config model.yaml --pixel-range signed
            """)

    @Argument(help: "The checkpoint file, or the directory that holds it.", completion: .file())
    var source: String

    @Option(help: "model.yaml or config.json. (default: beside the source, or inferred from its shapes)")
    var config: String?

    @Option(help: "The pixels: signed (-1 to 1, taming's files) or unsigned (0 to 1, dalle-mini's own).")
    var pixelRange: VQGANConfiguration.PixelRange?

    @OptionGroup var place: PrefixOption
    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        try conversion.convert(source, step: "convert vqgan") {
            [
                try VQGANImport.read(
                    source, configuration: config, pixelRange: pixelRange, prefix: place.prefix)
            ]
        }
    }
}
