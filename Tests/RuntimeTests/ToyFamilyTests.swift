import DalleFormat
import DalleModels
import DalleRuntime
import TestSupport
import Testing

extension Component.Kind {
    fileprivate static let toyTokens = Self("toy-tokens")
    fileprivate static let toyCodec = Self("toy-codec")
}

/// Codecs and token models of one's own need nothing but a line in a registry.
@Suite struct ToyFamilyTests {
    /// A token is a grey of 2 × 2 pixels.
    private struct ToyCodec: ImageCodec {
        let codebookSize = 8
        let downsampling = 2
        let canEncode = true

        func pixels(_ grid: TokenGrid) throws(DalleError) -> FeatureMap {
            let width = 2 * grid.width
            let values = (0..<4 * grid.tokens.count).flatMap { pixel in
                let token = grid.tokens[pixel / width / 2 * grid.width + pixel % width / 2]
                return [Float](repeating: Float(token) / 7, count: 3)
            }
            let count = values.count / 3
            return FeatureMap(
                height: 2 * grid.height, width: width, pixels: Matrix(rows: count, columns: 3, values: values))
        }

        func decode(_ grid: TokenGrid) throws(DalleError) -> Image {
            let pixels = try pixels(grid)
            return Image(
                width: pixels.width, height: pixels.height, bytes: pixels.pixels.values.map { UInt8($0 * 255) })
        }

        func encode(_ image: Image) throws(DalleError) -> TokenGrid {
            let (height, width) = (image.height / 2, image.width / 2)
            let tokens = (0..<height * width).map { token in
                let pixel = 2 * (token / width) * image.width + 2 * (token % width)
                return (Int(image.bytes[3 * pixel]) * 7 + 254) / 255
            }
            return try TokenGrid(height: height, width: width, tokens: tokens)
        }
    }

    /// The next token is likely the sum of the prompt's length and all tokens before, each counted one more.
    private struct ToyModel: ImageTokenModel {
        let interface = TokenInterface(height: 2, width: 3, vocabulary: 9, textVocabulary: 256, textLength: 16)
        let hasTokenizer = true

        func tokenize(_ prompt: String?) throws(DalleError) -> TokenizedPrompt {
            let bytes = Array((prompt ?? "").utf8).map(Int.init).prefix(16)
            return TokenizedPrompt(ids: bytes + Array(repeating: 0, count: 16 - bytes.count), visible: bytes.count)
        }

        func session(rows: Int) throws(DalleError) -> any TokenSession { ToySession(rows: rows) }
    }

    private final class ToySession: TokenSession {
        private var sums: [Int]

        init(rows: Int) { sums = Array(repeating: 0, count: rows) }

        func start(_ rows: [(row: Int, prompt: any PreparedPrompt)]) throws(DalleError) {
            for (row, prompt) in rows { sums[row] = (prompt as? TokenizedPrompt)?.visible ?? 0 }
        }

        func step(_ rows: [(row: Int, tokens: [Int])]) throws(DalleError) -> Matrix {
            var logits = Matrix(rows: rows.count, columns: 9)
            for (index, row) in rows.enumerated() {
                for token in row.tokens { sums[row.row] += token + 1 }
                logits.values[9 * index + sums[row.row] % 9] = 5
            }
            return logits
        }
    }

    private static var registry: ModelRegistry {
        var registry = ModelRegistry.standard
        registry.codecs[.toyCodec] = { _, _ in ToyCodec() }
        registry.tokenModels[.toyTokens] = { _, _ in ToyModel() }
        return registry
    }

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func model() throws -> DalleModel {
        let path = directory.path("toy.dalle")
        let writer = try ModelFileWriter(path, replacing: true, threads: 1)
        try writer.add("codec.nothing", BytesSource([0]), compression: .none)
        let components = [
            Component(name: "tokens", kind: .toyTokens, configuration: MetadataMap()),
            Component(name: "codec", kind: .toyCodec, configuration: MetadataMap()),
        ]
        try writer.finish(metadata: MetadataMap(), components: components)
        return try DalleModel(path, registry: Self.registry)
    }

    private func images(_ requests: [Request], greedy: Bool = true) throws -> [GeneratedImage] {
        var images: [GeneratedImage] = []
        let generator = try ImageGenerator(model(), ComputeContext(threads: 1))
        var settings = generator.defaults
        // So that chance decides, where it may.
        (settings.conditionScale, settings.temperature) = (1, 20)
        let options = GenerationOptions(SamplingOptions(settings, isGreedy: greedy))
        try generator.generate(requests, options) { images.append($0) }
        return images
    }

    @Test func toysDraw() throws {
        let model = try model()
        #expect(model.parts.map(\.role) == [.tokenModel, .codec])
        let image = try #require(try images([Request(prompt: "abc", seed: 0)]).first)
        #expect(image.tokens == [3, 7, 6, 4, 0, 1])
        // Where the likeliest would be 8, which the codec has no vector for.
        #expect(try images([Request(prompt: "abcdefgh", seed: 0)])[0].tokens[0] != 8)
        #expect(image.image.width == 6 && image.image.height == 4)
        let codec = try model.codec(ComputeContext(threads: 1))
        #expect(try codec.encode(image.image).tokens == image.tokens)
    }

    @Test func knownTokensAreKeptAndGoneOnFrom() throws {
        let whole = try images([Request(prompt: "abc", seed: 7)], greedy: false)[0].tokens
        #expect(whole != (try images([Request(prompt: "abc", seed: 8)], greedy: false)[0].tokens))
        // The first half of an image and its seed give the same second half.
        for count in 0...6 {
            let known = KnownTokens(prefix: whole.prefix(count))
            let again = try images([Request(prompt: "abc", seed: 7, known: known)], greedy: false)[0]
            #expect(again.tokens == whole, "\(count) known")
        }
        let region = KnownTokens([0: 1, 1: 2, 3: 7, 5: 0])
        let tokens = try images([Request(prompt: "abc", seed: 7, known: region)])[0].tokens
        #expect([tokens[0], tokens[1], tokens[3], tokens[5]] == [1, 2, 7, 0])
        #expect(throws: DalleError.self) {
            try images([Request(prompt: "abc", seed: 7, known: KnownTokens([6: 0]))])
        }
        #expect(throws: DalleError.self) {
            try images([Request(prompt: "abc", seed: 7, known: KnownTokens([0: 9]))])
        }
    }

    @Test func withoutItsRegistryAToyIsRefusedByWhoNeedsIt() throws {
        let toy = try model()
        let model = DalleModel(toy.file)
        #expect(model.parts.map(\.role) == [nil, nil])
        #expect(throws: DalleError.self) { try model.codec(ComputeContext(threads: 1)) }
    }
}
