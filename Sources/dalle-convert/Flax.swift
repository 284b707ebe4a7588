public import ArgumentParser
import CommandSupport
import DalleConvert
public import DalleFormat

extension VQGANConfiguration.PixelRange: ExpressibleByArgument {}

struct Flax: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Convert DALL·E mini or Mega from its Flax checkpoint.",
        discussion: """
            SOURCE is flax_model.msgpack (under any name), the index of its shards, or the directory that holds \
            either. config.json, the tokenizer's files and generation_config.json are found beside it. A lone file \
            is recognised by its shapes.

            EXAMPLES
              dalle-convert flax mega.msgpack
              dalle-convert flax dalle-mini/ --vqgan vqgan_imagenet_f16_16384/ -o mini.dalle
              dalle-convert flax mega/ --vqgan last.ckpt --dtype float16 --compress zstd:9
            """)

    @Argument(help: "The checkpoint file, or the directory that holds it.")
    var source: String

    @Option(help: "The checkpoint's config.json. (default: beside the source)")
    var config: String?

    @Option(help: "A VQGAN checkpoint (PyTorch or Flax), which makes pictures of codes.")
    var vqgan: String?

    @Option(help: "The VQGAN's model.yaml or config.json. (default: beside it, or inferred from its shapes)")
    var vqganConfig: String?

    @Option(help: "The VQGAN's pixels: signed (-1 to 1, taming's files) or unsigned (0 to 1, dalle-mini's own).")
    var pixelRange: VQGANConfiguration.PixelRange?

    @Option(help: ArgumentHelp("A CLIP, by which dalle-run --keep chooses the best images.", valueName: "source"))
    var clip: String?

    @Option(help: ArgumentHelp("OpenAI's list of byte pairs, if CLIP comes without a tokenizer.", valueName: "file"))
    var bpe: String?

    @Option(help: "The directory of the tokenizer's files. (default: beside the source)")
    var tokenizer: String?

    @Option(help: "enwiki-words-frequency.txt, by which hashtags in prompts are split into words.")
    var wordFrequencies: String?

    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        var request = FlaxImport(source: source)
        request.configuration = config
        request.vqgan = vqgan
        request.vqganConfiguration = vqganConfig
        request.pixelRange = pixelRange
        request.clip = clip
        request.clipVocabulary = bpe
        request.tokenizer = tokenizer
        request.wordFrequencies = wordFrequencies
        try conversion.convert(source, step: "convert flax") { try request.read() }
    }
}
