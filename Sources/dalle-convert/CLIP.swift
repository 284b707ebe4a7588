import ArgumentParser
import CommandSupport
import DalleConvert

struct CLIP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clip",
        abstract: "Convert a CLIP, which judges how well a picture fits a text.",
        discussion: """
            SOURCE is a directory in Hugging Face's layout (config.json, model.safetensors, pytorch_model.bin or \
            flax_model.msgpack, the tokenizer's files), one of open_clip's (open_clip_config.json, \
            open_clip_model.safetensors or open_clip_pytorch_model.bin) or a file of OpenAI's (ViT-B-32.pt, RN50.pt).

            EXAMPLES
              dalle-convert clip clip-vit-base-patch32/ -o clip.dalle
              dalle-convert clip ViT-B-32.pt --bpe bpe_simple_vocab_16e6.txt.gz
              dalle-convert clip CLIP-ViT-H-14-laion2B-s32B-b79K/ -o clip.dalle
              dalle-convert clip finetuned.pt --activation gelu --head-width 64
            """)

    @Argument(help: "The directory, or the file of tensors in it.", completion: .file())
    var source: String

    @Option(
        help: ArgumentHelp(
            "OpenAI's list of byte pairs, where no tokenizer lies beside the source.", valueName: "file"),
        completion: .file())
    var bpe: String?

    @OptionGroup var function: CLIPFunctionOptions
    @OptionGroup var place: PrefixOption
    @OptionGroup var conversion: ConversionOptions

    func run() throws {
        try conversion.convert(source, step: "convert clip") {
            try CLIPImport.read(source, vocabulary: bpe, function: function.function, prefix: place.prefix)
        }
    }
}
