public import DalleFormat
import DalleModels

/// Draws the codes of images, one position after the other.
public struct CodeGenerator: Sendable {
    /// Where the choice of a code comes from.
    public enum Choice: Sendable {
        /// The likeliest code.
        case greedy
        /// Each image has random numbers of its own and does not depend on the others of its batch.
        case keys([RandomKey])
        /// All images share one key, as in one call of upstream's `generate`.
        case shared(RandomKey)
    }

    private let decoder: any CodeDecoder
    private let chain: LogitsChain
    private let stopsAtEnd: Bool
    private let takesAnyLogits: Bool

    /// - Parameters:
    ///   - stopsAtEnd: an image that draws the end token is over and filled up with padding, as upstream's `generate`
    ///     does when no minimal length is given. Otherwise the end token is never drawn.
    ///   - takesAnyLogits: draws on from logits that are infinite or no numbers, for who holds them against others.
    public init(
        _ decoder: some CodeDecoder, _ chain: LogitsChain, stopsAtEnd: Bool = false, takesAnyLogits: Bool = false
    ) {
        self.decoder = decoder
        self.stopsAtEnd = stopsAtEnd
        self.takesAnyLogits = takesAnyLogits
        var chain = chain
        if !stopsAtEnd {
            let end = decoder.configuration.endToken
            chain.forbidden.append(end..<end + 1)
        }
        self.chain = chain
    }

    /// Whether images are guided away from the unconditional prompt, which then must be given.
    public var isGuided: Bool { chain.settings.conditionScale != 1 }

    /// Draws the codes of a batch of images, each with its prompt.
    ///
    /// - Parameters:
    ///   - encoded: What the encoder made of the prompts.
    ///   - prompts: The prompt of each image, by its number in `encoded`.
    ///   - unconditional: The number of the unconditional prompt of each image; used when the generation is guided.
    ///   - progress: called with the number of codes drawn for each image.
    /// - Returns: The codes of each image.
    /// - Throws: `badData` naming the tensor or the layer when logits are infinite or no numbers; `cancelled` before the next code
    ///   when the current task has been cancelled.
    public func generate(
        _ encoded: [EncodedPrompt], prompts: [Int], unconditional: [Int], choice: Choice,
        progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> [[Int]] {
        let configuration = decoder.configuration
        let count = prompts.count
        let session = try decoder.session(encoded, rows: isGuided ? prompts + unconditional : prompts)
        var keys: [RandomKey] =
            switch choice {
            case .greedy: []
            case .keys(let keys): keys
            case .shared(let key): [key]
            }
        var codes = [[Int]](repeating: [], count: count)
        var tokens = [Int](repeating: configuration.startToken, count: count)
        var isOver = [Bool](repeating: false, count: count)
        for position in 0..<configuration.imageLength {
            guard !Task.isCancelled else { throw DalleError(.cancelled, "the task was cancelled") }
            let fed = isGuided ? tokens + tokens : tokens
            let logits = try session.step(fed)
            guard takesAnyLogits || logits.isFinite else {
                throw decoder.nonFinite("the logits of code \(position + 1)", session)
            }
            let noise = drawNoise(&keys, choice, images: count, vocabulary: logits.columns)
            for image in 0..<count {
                let token = chain.choose(
                    conditional: logits.row(image), unconditional: logits.row(isGuided ? count + image : image),
                    noise: noise.isEmpty ? nil : noise[image])
                if stopsAtEnd {
                    let ends = token == configuration.endToken
                    // Upstream pads from the end token on when drawing, and after it when greedy.
                    let isPadded = isOver[image] || (ends && !noise.isEmpty)
                    tokens[image] = isPadded ? configuration.padToken : token
                    isOver[image] = isOver[image] || ends
                } else {
                    tokens[image] = token
                }
                codes[image].append(tokens[image])
            }
            progress(position + 1)
        }
        return codes
    }

    /// The random numbers of each image for the next code; none when the choice is greedy.
    private func drawNoise(
        _ keys: inout [RandomKey], _ choice: Choice, images: Int, vocabulary: Int
    ) -> [GumbelNumbers] {
        var use: [RandomKey] = []
        for i in keys.indices {
            let split = keys[i].split()
            use.append(split.use)
            keys[i] = split.next
        }
        return switch choice {
        case .greedy: []
        case .keys: use.map { GumbelNumbers($0, count: vocabulary) }
        case .shared:
            (0..<images).map { GumbelNumbers(use[0], count: images * vocabulary, from: $0 * vocabulary) }
        }
    }
}
