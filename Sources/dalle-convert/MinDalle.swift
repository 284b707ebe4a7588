import ArgumentParser
import CommandSupport
import DalleConvert

struct MinDalle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "min-dalle",
        abstract: "Convert DALL·E mini or Mega from min-dalle's PyTorch files.",
        discussion: """
            DIRECTORY holds encoder.pt, decoder.pt, vocab.json and merges.txt; detoker.pt, the VQGAN, is found there or in \
            the directory vqgan beside it.

            EXAMPLES
              dalle-convert min-dalle pretrained/dalle_bart_mega -o mega.dalle
              dalle-convert min-dalle pretrained/dalle_bart_mini --dtype float16
            """)

    @Argument(help: "The directory.")
    var directory: String

    @OptionGroup(title: "What goes into the file") var parts: PartsOptions
    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        try conversion.convert(directory, step: "convert min-dalle") { try parts.read(.minDalle, directory) }
    }
}
