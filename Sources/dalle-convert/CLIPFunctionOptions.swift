import ArgumentParser
import DalleConvert
import DalleFormat
import DalleModels

/// What no tensor of a CLIP under OpenAI's names tells.
struct CLIPFunctionOptions: ParsableArguments {
    /// As open_clip has them.
    enum ActivationName: String, CaseIterable, ExpressibleByArgument {
        case quickGELU = "quick-gelu"
        case gelu

        var activation: Activation { self == .gelu ? .gelu : .quickGELU }
    }

    @Option(
        help: ArgumentHelp(
            "A bare CLIP's function: quick-gelu (OpenAI's) or gelu (most of open_clip's). (default: what lies beside it says)",
            valueName: "function"))
    var activation: ActivationName?

    @Option(
        help: ArgumentHelp(
            "Width of a head in a bare CLIP's picture tower: 64 (OpenAI's), 80 (ViT-H), 88 (ViT-g), 104 (ViT-bigG).",
            valueName: "n"))
    var headWidth: Int?

    @Option(help: ArgumentHelp("The same of its text tower. (default: 64)", valueName: "n"))
    var textHeadWidth: Int?

    var function: CLIPFunction {
        CLIPFunction(activation: activation?.activation, headWidth: headWidth, textHeadWidth: textHeadWidth)
    }
}

/// Which of several models in a checkpoint.
struct PrefixOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where a checkpoint holds several models: what stands before the names of the one to take, such as ema.",
            valueName: "name"))
    var prefix: String?
}
