import ArgumentParser
import CommandSupport
import DalleConvert

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

    @Argument(help: "The checkpoint file, or the directory that holds it.", completion: .file())
    var source: String

    @OptionGroup(title: "What goes into the file") var parts: PartsOptions
    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        try conversion.convert(source, step: "convert flax") { try parts.read(.flax, source) }
    }
}
