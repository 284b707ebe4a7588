import DalleConvert
import DalleFormat
import DalleModels
import DalleRuntime
import DalleText
import DalleVerification
import Foundation
import TestSupport
import Testing

/// The trained demo model against what dalle-mini, taming-transformers and transformers compute from its checkpoints.
@Suite struct DemoModelTests {
    private struct Prompts: Decodable { let prompts: [String] }

    private struct Verdicts: Decodable {
        struct Row: Decodable { let verdict: SemanticScore.Verdict }
        let total: [String: Int]
        let captions: [Row]
    }

    private let directory: TemporaryDirectory
    private let file: ModelFile

    init() throws {
        let model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan", clip: "demo/clip")
        (directory, file) = (model.directory, model.file)
    }

    private static func expected(_ name: String) -> String { Fixtures.path("demo/expected/\(name)") }

    /// Each prompt alone, as `--seed` draws it: the first twelve without guidance, four with it.
    @Test(
        arguments: [
            ("greedy_c1", 1, nil, 12), ("sample_key7_c1_t1_k50", 1, 7, 12), ("greedy_c3", 3, nil, 4),
            ("sample_key3_c3_t1_k50", 3, 3, 4), ("sample_key11_c5_t1_k50", 5, 11, 4),
        ] as [(String, Double, UInt32?, Int)])
    func codesAreUpstreams(_ name: String, _ scale: Double, _ seed: UInt32?, _ count: Int) throws {
        let prompts = try JSONDecoder().decode(Prompts.self, from: Fixtures.data("demo/expected/prompts.json")).prompts
        let codes = try Reference(Self.expected("codes.npz")).array(name)
        let generator = try ImageGenerator(DalleModel(file), ComputeContext(.reference))
        var settings = generator.defaults
        settings.conditionScale = scale
        settings.topK = 50
        var number = 0
        try generator.generate(
            prompts.prefix(count).map { Request(prompt: $0, seed: seed ?? 0) },
            GenerationOptions(SamplingOptions(settings, isGreedy: seed == nil))
        ) { result throws(DalleError) in
            let expected = try codes.part(number).integers()
            #expect(result.tokens == expected, "\(name): \(result.request.prompt)")
            number += 1
        }
        #expect(number == count)
    }

    @Test func tokensAreUpstreams() throws {
        let prompts = try JSONDecoder().decode(Prompts.self, from: Fixtures.data("demo/expected/prompts.json")).prompts
        let ids = try Reference(Self.expected("codes.npz")).array("input_ids")
        let model = try DalleModel(file).tokenModel(ComputeContext(.reference))
        for (number, prompt) in prompts.enumerated() {
            #expect(try model.tokenize(prompt).ids == ids.part(number).integers(), "\(prompt)")
        }
    }

    /// Twelve pictures in 8 bits, and the decoder's raw numbers of three.
    @Test func pixelsAreUpstreams() throws {
        let reference = try Reference(Self.expected("vqgan.npz"))
        let report = try Verification.run(DalleModel(file), against: reference, ComputeContext(.reference))
        #expect(report.pass && report.checks.contains { $0.name == "demo_dec_image" && $0.bound == 1e-3 })
        let codec = try DalleModel(file).codec(ComputeContext(.reference))
        let (codes, pixels) = (try reference.array("codes"), try reference.array("pixels"))
        #expect(codes.shape[0] == 12)
        var different = 0
        for number in 0..<codes.shape[0] {
            let tokens = try codes.part(number).integers()
            let raw = try codec.pixels(try TokenGrid(height: 8, width: 8, tokens: tokens))
            let expected = try pixels.part(number).integers()
            #expect(expected.count == raw.pixels.values.count)
            for (byte, expected) in zip(Image(rounding: raw).bytes, expected) {
                // A value between two bytes may fall to either side.
                #expect(abs(Int(byte) - expected) <= 1)
                different += Int(byte) == expected ? 0 : 1
            }
        }
        #expect(different * 500 < pixels.values.count, "\(different) of \(pixels.values.count) bytes differ by one")
    }

    @Test func rankingIsTheOriginals() throws {
        let report = try Verification.run(
            DalleModel(file), against: try Reference(Self.expected("clip.npz")), ComputeContext(.reference))
        #expect(report.pass && report.checks.count == 4)
        for check in report.checks { #expect(check.maxAbs < 1e-4, "\(check.name): \(check.maxAbs)") }
    }

    /// The judge says of pictures drawn here what it said of the original program's; all 96 are compared in release by
    /// `make score`.
    @Test func verdictsAreThoseOfUpstreamsPictures() throws {
        let recorded = try JSONDecoder().decode(Verdicts.self, from: Fixtures.data("demo/expected/verdicts.json"))
        let world = try LittleWorld.load()
        let codes = try Reference(Self.expected("codes.npz")).array("captions")
        let codec = try DalleModel(file).codec(ComputeContext(.reference))
        let judge = try PictureJudge()
        for number in 0..<16 {
            let grid = try TokenGrid(height: 8, width: 8, tokens: try codes.part(number).integers())
            let picture = Image(rounding: try codec.pixels(grid))
            let caption = world.test[number]
            #expect(judge.verdict(picture, caption.scene) == recorded.captions[number].verdict, "\(caption.caption)")
        }
        var score = SemanticScore()
        for row in recorded.captions { score.add(row.verdict) }
        #expect(score.summary == recorded.total)
    }

    /// A judge that finds nothing wrong would be of no use.
    @Test func theJudgeSeesWhatIsWrong() throws {
        let world = try LittleWorld.load()
        let codes = try Reference(Self.expected("codes.npz")).array("captions")
        let (decoder, judge) = (try VQGANDecoder(file, ComputeContext(.reference)), try PictureJudge())
        var score = SemanticScore()
        for number in 0..<6 {
            // The picture of another caption.
            let picture = try decoder.image(try codes.part(number + 6).integers(), height: 8, width: 8)
            score.add(judge.verdict(picture, world.test[number].scene))
        }
        #expect(score.summary["attributes"] ?? 1000 < 500)
        #expect(score.summary["whole"] == 0)
    }
}
