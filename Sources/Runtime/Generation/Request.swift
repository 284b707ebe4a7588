import DalleFormat
public import DalleModels

/// An image to be made.
///
/// The image depends on this and the sampling options, not on what is made with it.
public struct Request: Sendable, Equatable, Codable {
    public var prompt: String
    public var seed: UInt32
    /// Images of one prompt with the same number are ranked together.
    public var group: Int
    public var known: KnownTokens

    public init(prompt: String, seed: UInt32, group: Int = 0, known: KnownTokens = KnownTokens()) {
        self.prompt = prompt
        self.seed = seed
        self.group = group
        self.known = known
    }
}

/// Tokens of an image that are given: its first ones, to go on from a picture or from a run that was interrupted, or those
/// around a region that is made anew. What comes after a position is not seen when it is sampled.
public struct KnownTokens: Sendable, Equatable, Codable {
    private var tokens: [Int: Int]

    /// - Parameter tokens: By their position, row by row.
    public init(_ tokens: [Int: Int] = [:]) { self.tokens = tokens }

    /// The first tokens.
    public init(prefix: some Sequence<Int>) {
        self.init(Dictionary(uniqueKeysWithValues: prefix.enumerated().map { ($0, $1) }))
    }

    public subscript(position: Int) -> Int? { tokens[position] }

    public var isEmpty: Bool { tokens.isEmpty }

    /// - Throws: `usage` when a position or a token is not of the model.
    func check(_ interface: TokenInterface) throws(DalleError) {
        let misfits = tokens.filter {
            !(0..<interface.length).contains($0.key) || !(0..<interface.vocabulary).contains($0.value)
        }
        guard let (position, token) = misfits.min(by: { $0.key < $1.key }) else { return }
        throw DalleError(
            .usage,
            "the known token \(token) at position \(position) is not of an image of \(interface.length) tokens below "
                + "\(interface.vocabulary)")
    }
}

/// How tokens are chosen.
public struct SamplingOptions: Sendable, Equatable {
    /// Guidance, temperature, top-k and top-p.
    public var settings: GenerationDefaults
    /// Always takes the likeliest token; seeds, temperature, top-k and top-p then have no effect.
    public var isGreedy: Bool
    /// What numbers come of a seed.
    public var random: RandomNumbers

    public init(_ settings: GenerationDefaults, isGreedy: Bool = false, random: RandomNumbers = .threefry) {
        self.settings = settings
        self.isGreedy = isGreedy
        self.random = random
    }
}

/// An image that was made.
public struct GeneratedImage: Sendable {
    public let request: Request
    /// Its place among the requests that came with it.
    public let number: Int
    public let tokens: [Int]
    public let image: Image
    /// How well it fits the prompt; only where images were chosen by it.
    public var score: Float?
}

/// What happens on the way to images.
public enum GenerationEvent: Sendable {
    /// Prompts are prepared: steps done.
    case encoding(Int, of: Int)
    /// Not all of a prompt is seen, only its first tokens, since the model takes no more; `unseen` is the rest.
    case truncated(prompt: String, tokens: Int, unseen: String)
    /// Weights are made ready: steps done.
    case loading(Int, of: Int)
    /// Tokens sampled, of all images.
    case sampling(Int, of: Int)
    /// Images made of their tokens; 0 when the first is begun.
    case decoding(Int, of: Int)
    /// The rows of an image so far, decoded alone.
    case preview(Image, number: Int)
    case image(GeneratedImage)
}
