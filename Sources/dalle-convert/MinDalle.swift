import ArgumentParser
import CommandSupport
import DalleConvert

struct MinDalle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "min-dalle",
        abstract: "Convert DALL·E mini or Mega from min-dalle's PyTorch files.",
        discussion: """
            DIRECTORY holds encoder.pt, decoder.pt, vocab.json and merges.txt; detoker.pt, the VQGAN, is found there or in \
            the directory vqgan beside it. The names that DALL·E mini's are published under (encoder_mini.pt, \
            decoder_mini.pt, vocab_mini.json, merges_mini.txt) are found too; where both models lie together, name the \
            encoder of one.

            EXAMPLES
              dalle-convert min-dalle pretrained/dalle_bart_mega -o mega.dalle
              dalle-convert min-dalle pretrained/dalle_bart_mini --dtype float16
              dalle-convert min-dalle min-dalle/encoder_mini.pt -o mini.dalle
            """)

    @Argument(help: "The directory, or the encoder's file in it.", completion: .file())
    var directory: String

    @OptionGroup(title: "What goes into the file") var parts: PartsOptions
    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        try conversion.convert(directory, step: "convert min-dalle") { try parts.read(.minDalle, directory) }
    }
}
