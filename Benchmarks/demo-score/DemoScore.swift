import ArgumentParser
import DalleFormat
import DalleKernels
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport

/// The semantic score of the demo model: how much of what held-out captions ask for is in the pictures.
@main
struct DemoScore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-score",
        abstract: "Judges what the demo model draws of held-out captions.",
        discussion: """
            Caption i is drawn with seed i and the model's own settings, and judged from the pixels. What dalle-mini's own \
            program drew with the same seeds is held beside it.
            """)

    @Argument(help: "The demo model, in any precision.")
    var file: String

    @Option(help: "Captions to draw, of 96.")
    var captions = 96

    @Option(help: "Captions of which eight pictures are drawn and the best chosen by CLIP, of 48.")
    var bestOf = 0

    @Flag(help: "Draw on the fast route, not the reference route.")
    var fast = false

    @Flag(help: "Fail unless every picture has upstream's codes and verdict.")
    var exact = false

    private struct Recorded: Decodable {
        struct Row: Decodable { let verdict: SemanticScore.Verdict }
        let total: [String: Int]
        let captions: [Row]
    }

    private struct BestOf: Decodable {
        struct Settings: Decodable {
            let draws: Int
            let scale: Double
            let temperature: Double
            let topK: Int

            enum CodingKeys: String, CodingKey {
                case draws, scale, temperature
                case topK = "top_k"
            }
        }
        let settings: Settings
        let total: [String: Int]
    }

    func run() throws {
        let world = try LittleWorld.load()
        let judge = try PictureJudge()
        let model = try DalleModel(file)
        let context = ComputeContext(fast ? .fast : .reference)
        let generator = try ImageGenerator(model, context)
        let codec = try model.codec(context)
        let isExact = try scoreCaptions(generator, codec, Array(world.test.prefix(captions)), judge)
        if bestOf > 0 { try scoreBest(generator, Array(world.test.prefix(bestOf)), judge) }
        if exact, !isExact { throw ExitCode(1) }
    }

    private func scoreCaptions(
        _ generator: ImageGenerator, _ codec: any ImageCodec, _ captions: [LittleWorld.Caption], _ judge: PictureJudge
    ) throws -> Bool {
        let recorded = try JSONDecoder().decode(Recorded.self, from: Fixtures.data("demo/expected/verdicts.json"))
        let codes = try Reference(Fixtures.path("demo/expected/codes.npz")).array("captions")
        var score = SemanticScore()
        var (equalCodes, equalVerdicts) = (0, 0)
        let requests = captions.enumerated().map {
            Request(prompt: $1.caption, seed: UInt32($0))
        }
        try generator.generate(requests) { result throws(DalleError) in
            let number = score.verdicts.count
            let edge = Int(Double(result.tokens.count).squareRoot())
            let grid = try TokenGrid(height: edge, width: edge, tokens: result.tokens)
            let picture = Image(rounding: try codec.pixels(grid))
            let verdict = judge.verdict(picture, captions[number].scene)
            score.add(verdict)
            if try codes.part(number).integers() == result.tokens { equalCodes += 1 }
            if recorded.captions[number].verdict == verdict { equalVerdicts += 1 }
        }
        print("\(captions.count) captions, thousandths right (in brackets: upstream's pictures of all 96)")
        for (kind, share) in score.summary.sorted(by: { $0.key < $1.key }) {
            print("  \(kind): \(share) (\(recorded.total[kind] ?? 0))")
        }
        print("pictures with upstream's codes: \(equalCodes) of \(captions.count), verdicts: \(equalVerdicts)")
        return equalCodes == captions.count && equalVerdicts == captions.count
    }

    private func scoreBest(
        _ generator: ImageGenerator, _ captions: [LittleWorld.Caption], _ judge: PictureJudge
    ) throws {
        let recorded = try JSONDecoder().decode(BestOf.self, from: Fixtures.data("demo/expected/best_of.json"))
        var settings = generator.defaults
        settings.conditionScale = recorded.settings.scale
        settings.topK = recorded.settings.topK
        settings.temperature = recorded.settings.temperature
        let draws = recorded.settings.draws
        var (all, best) = (SemanticScore(), SemanticScore())
        for (number, caption) in captions.enumerated() {
            let requests = (0..<draws).map {
                Request(prompt: caption.caption, seed: UInt32(number * draws + $0))
            }
            var isFirst = true
            let options = GenerationOptions(SamplingOptions(settings), keepingBest: draws)
            try generator.generate(requests, options) { result throws(DalleError) in
                let verdict = judge.verdict(result.image, caption.scene)
                all.add(verdict)
                if isFirst { best.add(verdict) }
                isFirst = false
            }
        }
        print("\(captions.count) captions, \(draws) pictures of each at temperature \(settings.temperature)")
        for (name, score) in [("average", all), ("best by CLIP", best)] {
            let summary = score.summary
            print("  \(name): attributes \(summary["attributes"] ?? 0), wholly right \(summary["whole"] ?? 0)")
        }
        print("  upstream, all 48: \(recorded.total.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
    }
}
