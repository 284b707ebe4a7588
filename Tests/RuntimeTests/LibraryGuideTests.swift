import DalleFormat
import DalleModels
import DalleRuntime
import Foundation
import TestSupport
import Testing

/// The examples of the library's articles: they stand there word for word and do what they say.
@Suite struct LibraryGuideTests {
    private let model: ConvertedModel

    init() throws { model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan", clip: "demo/clip") }

    @Test func imagesAreDrawnAsynchronously() async throws {
        let (path, folder) = (model.file.path, model.directory.url.path)
        // example: draw
        let engine = try ImageEngine(DalleModel(path))
        let requests = [1, 2].map { Request(prompt: "a blue star left of a red circle", seed: $0) }
        for try await event in engine.generate(requests) {
            switch event {
            case .sampling(let done, let total) where done % 32 == 0: print("\(done) of \(total) tokens")
            case .image(let made):
                try PNGFile.write(made.image, to: "\(folder)/star-\(made.request.seed).png", replacing: true)
            default: break
            }
        }
        // end of example
        try ImageGenerator(DalleModel(path), ComputeContext()).generate(requests) { alone throws(DalleError) in
            let written = try PictureFile.read("\(folder)/star-\(alone.request.seed).png")
            #expect(written == alone.image)
        }

        // example: best
        let options = GenerationOptions(SamplingOptions(engine.defaults), keepingBest: 1)
        let candidates = (1...4).map { Request(prompt: "a red circle", seed: $0) }
        for try await case .image(let best) in engine.generate(candidates, options) {
            print("seed \(best.request.seed) fits best: \(best.score ?? 0)")
            try PNGFile.write(best.image, to: "\(folder)/circle.png", replacing: true)
        }
        // end of example
        let scorer = try DalleModel(path).scorer(ComputeContext())
        var images: [DalleModels.Image] = []
        for try await case .image(let made) in engine.generate(candidates) { images.append(made.image) }
        let scores = try scorer.scores(images, "a red circle")
        let best = try #require(scores.indices.max { scores[$0] < scores[$1] })
        #expect(try PictureFile.read("\(folder)/circle.png") == images[best])

        // example: complete
        let codec = try DalleModel(path).codec(ComputeContext())
        let grid = try codec.encode(PictureFile.read("\(folder)/star-1.png"))
        var request = Request(prompt: "a blue star left of a red circle", seed: 5)
        request.known = KnownTokens(prefix: grid.tokens.prefix(grid.tokens.count / 2))
        for try await case .image(let made) in engine.generate([request]) {
            try PNGFile.write(made.image, to: "\(folder)/star-completed.png", replacing: true)
        }
        // end of example
        let free = Request(prompt: request.prompt, seed: request.seed)
        let half = grid.tokens.count / 2
        for try await case .image(let made) in engine.generate([free]) {
            #expect(made.tokens.prefix(half) != grid.tokens.prefix(half))
        }
        for try await case .image(let made) in engine.generate([request]) {
            #expect(made.tokens.prefix(half) == grid.tokens.prefix(half))
            #expect(try PictureFile.read("\(folder)/star-completed.png") == made.image)
        }
    }

    @Test func codecsOfOnesOwnAreFound() throws {
        let path = model.directory.path("palette.dalle")
        let colours: [Float] = [0, 0, 0, 1, 0, 0, 1, 1, 1]
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        try writer.add("palette.colours", MemorySource(colours, [3, 3]), compression: .none)
        let part = Component(name: "palette", kind: PaletteCodec.kind, configuration: MetadataMap(["colours": 3]))
        try writer.finish(metadata: MetadataMap(), components: [part])
        // example: registry
        var registry = ModelRegistry.standard
        registry.add(codec: PaletteCodec.kind) { file, _ throws(DalleError) in try PaletteCodec(file) }
        let codec = try DalleModel(path, registry: registry).codec(ComputeContext())
        // end of example
        let pixels: [UInt8] = [10, 9, 8, 240, 240, 240, 200, 20, 30]
        let grid = try codec.encode(DalleModels.Image(width: 3, height: 1, bytes: pixels))
        #expect(grid.tokens == [0, 2, 1])
        #expect(try codec.decode(grid).bytes == [0, 0, 0, 255, 255, 255, 255, 0, 0])
        #expect(throws: DalleError.self) { try DalleModel(path).codec(ComputeContext()) }
    }

    @Test func theyStandInTheArticles() throws {
        let folder = "Sources/Runtime/Documentation.docc"
        let drawing = try DocumentExamples("\(folder)/DrawingImages.md")
        #expect(try drawing.missing(["draw", "best", "complete"]) == [])
        let adding = try DocumentExamples("\(folder)/AddingACodec.md")
        #expect(try adding.missing(["codec", "registry"]) == [])
        // The same codec as a program.
        let example = Fixtures.directory.deletingLastPathComponent()
            .appending(path: "Examples/Sources/own-codec/PaletteCodec.swift")
        let code = try #require(adding.code("codec"))
        #expect(try String(contentsOf: example, encoding: .utf8).hasSuffix("\n\(code)\n"))
    }
}

// example: codec
/// A codec whose tokens are colours of a palette, one for each pixel.
struct PaletteCodec: ImageCodec {
    /// The settings of the part, which say what tensors it has.
    struct Configuration: PartConfiguration {
        static let kind = Component.Kind("palette")

        let colours: Int

        init(_ map: MetadataMap) throws(DalleError) { colours = try map.integer("colours", in: 1...65536) }

        func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
            try body("colours", try Shape([colours, 3]))
        }
    }

    static let kind = Configuration.kind
    let downsampling = 1
    let canEncode = true
    /// `[colours, 3]`, from 0 to 1.
    private let palette: FloatTensor

    init(_ file: ModelFile) throws(DalleError) {
        guard let part = try file.component(Self.kind) else {
            throw DalleError(.missingInput, "holds no palette", file: file.path)
        }
        // The settings are held against the tensors that there are.
        let configuration: Configuration = try file.configuration(of: part)
        palette = try FloatTensor(file, "\(part.name).colours", shape: [configuration.colours, 3])
    }

    var codebookSize: Int { palette.shape[0] }

    func pixels(_ grid: TokenGrid) throws(DalleError) -> FeatureMap {
        var values: [Float] = []
        for token in grid.tokens {
            guard 0..<codebookSize ~= token else { throw DalleError(.usage, "the palette has no colour \(token)") }
            values += (0..<3).map { palette.row(token)[$0] }
        }
        let pixels = Matrix(rows: grid.tokens.count, columns: 3, values: values)
        return FeatureMap(height: grid.height, width: grid.width, pixels: pixels)
    }

    func decode(_ grid: TokenGrid) throws(DalleError) -> Image {
        let values = try pixels(grid).pixels.values
        guard values.allSatisfy({ (0...1).contains($0) }) else {
            throw DalleError(.badData, "a colour is not from 0 to 1")
        }
        return Image(width: grid.width, height: grid.height, bytes: values.map { UInt8(($0 * 255).rounded()) })
    }

    func encode(_ image: Image) throws(DalleError) -> TokenGrid {
        var tokens: [Int] = []
        for pixel in stride(from: 0, to: image.bytes.count, by: 3) {
            func distance(_ colour: Int) -> Float {
                (0..<3).map { palette.row(colour)[$0] - Float(image.bytes[pixel + $0]) / 255 }.reduce(0) {
                    $0 + $1 * $1
                }
            }
            tokens.append((0..<codebookSize).min { distance($0) < distance($1) } ?? 0)
        }
        return try TokenGrid(height: image.height, width: image.width, tokens: tokens)
    }
}
// end of example
