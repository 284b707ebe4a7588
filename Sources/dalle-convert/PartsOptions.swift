public import ArgumentParser
import DalleConvert
import DalleFormat
import DalleModels

extension VQGANConfiguration.PixelRange: ExpressibleByArgument {}

/// What goes into a model file with a DALL·E mini or Mega.
struct PartsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The checkpoint's config.json. (default: beside the source)", valueName: "file"),
        completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("A VQGAN checkpoint (PyTorch or Flax), which makes pictures of codes.", valueName: "source"),
        completion: .file())
    var vqgan: String?

    @Option(
        help: ArgumentHelp(
            "The VQGAN's model.yaml or config.json. (default: beside it, or inferred from its shapes)",
            valueName: "file"), completion: .file())
    var vqganConfig: String?

    @Option(
        help: ArgumentHelp(
            "The VQGAN's pixels: signed (-1 to 1, taming's files) or unsigned (0 to 1, dalle-mini's own).",
            valueName: "range"))
    var pixelRange: VQGANConfiguration.PixelRange?

    @Option(
        help: ArgumentHelp("A CLIP, by which dalle-run --keep chooses the best images.", valueName: "source"),
        completion: .file())
    var clip: String?

    @OptionGroup var clipFunction: CLIPFunctionOptions

    @Option(
        help: ArgumentHelp("OpenAI's list of byte pairs, if CLIP comes without a tokenizer.", valueName: "file"),
        completion: .file())
    var bpe: String?

    @Option(
        help: ArgumentHelp("The directory of the tokenizer's files. (default: beside the source)", valueName: "dir"),
        completion: .directory)
    var tokenizer: String?

    @Option(
        help: ArgumentHelp(
            "enwiki-words-frequency.txt, by which hashtags in prompts are split into words.", valueName: "file"),
        completion: .file())
    var wordFrequencies: String?

    @Option(
        help: ArgumentHelp(
            """
            The directory of the Python package Unidecode (site-packages/unidecode), whose table then spells prompts in \
            other scripts exactly as the model learned them. Nothing in it is run.
            """, valueName: "dir"))
    var unidecode: String?

    @OptionGroup var place: PrefixOption

    /// The parts of a model at `source`.
    func read(_ layout: DalleImport.Layout, _ source: String) throws(DalleError) -> [ImportedComponent] {
        var request = DalleImport(layout, source: source)
        request.configuration = config
        request.vqgan = vqgan
        request.vqganConfiguration = vqganConfig
        request.pixelRange = pixelRange
        request.clip = clip
        request.clipFunction = clipFunction.function
        request.clipVocabulary = bpe
        request.prefix = place.prefix
        request.tokenizer = tokenizer
        request.wordFrequencies = wordFrequencies
        request.unidecode = unidecode
        return try request.read()
    }
}
