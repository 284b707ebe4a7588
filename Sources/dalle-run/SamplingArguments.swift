public import ArgumentParser
import DalleFormat
import DalleModels
public import DalleRuntime

/// A seed on the command line.
struct SeedOption: ExpressibleByArgument {
    /// Nil for any, as other programs write -1.
    let number: UInt32?

    init?(argument: String) {
        number = UInt32(argument)
        guard number != nil || argument == "-1" else { return nil }
    }
}

/// How codes are drawn; what is not given is the model file's, else upstream's default.
struct SamplingArguments: ParsableArguments {
    @Option(
        name: [.long, .customLong("cfg-scale"), .customLong("guidance-scale")], parsing: .unconditional,
        help: ArgumentHelp(
            "Weight of the prompt against no prompt; 1 is the plain model. (default: the file's, else 10)",
            valueName: "s"))
    var conditionScale: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Draw from the K likeliest codes; 0 draws from all. (default: the file's, else 50)", valueName: "k"))
    var topK: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Draw from the likeliest codes that together reach this probability. (default: the file's, else 1)",
            valueName: "p"))
    var topP: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Divides the logits: lower is safer, higher is wilder. (default: the file's, else 1)", valueName: "t"))
    var temperature: Double?

    @Flag(help: "Always take the likeliest code.")
    var greedy = false

    @Option(
        help: ArgumentHelp(
            "What numbers come of a seed: threefry, JAX's before 0.5, as upstream's programs have them; or "
                + "threefry-partitionable, JAX's since.", valueName: "numbers"))
    var random = RandomNumbers.threefry

    func validate() throws {
        typealias Bounds = GenerationDefaults
        if let topK, !Bounds.topKs.contains(topK) { throw ValidationError("--top-k is 0 or more.") }
        if let topP, !Bounds.topPs.contains(topP) { throw ValidationError("--top-p is from 0 to 1.") }
        if let temperature, !Bounds.temperatures.contains(temperature) {
            throw ValidationError("--temperature is more than 0: from 0.000001 to 1000000.")
        }
        if let conditionScale, !Bounds.conditionScales.contains(conditionScale) {
            throw ValidationError("--condition-scale is a number from -1000000 to 1000000.")
        }
    }

    func settings(_ defaults: GenerationDefaults) -> GenerationDefaults {
        var settings = defaults
        settings.conditionScale = conditionScale ?? defaults.conditionScale
        settings.topK = topK ?? defaults.topK
        settings.topP = topP ?? defaults.topP
        settings.temperature = temperature ?? defaults.temperature
        return settings
    }
}

extension RandomNumbers: ExpressibleByArgument {}
