import DalleFormat
import DalleModels
import DalleRuntime
import DalleThreads
import Foundation
import TestSupport
import Testing

/// Engines are for any number of callers: their images are those of a generator that is alone.
@Suite struct ImageEngineTests {
    private struct Drawn: Equatable, Sendable {
        let tokens: [Int]
        let pixels: [UInt8]

        init(_ image: GeneratedImage) { (tokens, pixels) = (image.tokens, image.image.bytes) }
    }

    private static let prompts = ["a red circle", "a blue square", "a large green ring"]
    private let converted: ConvertedModel
    private let model: DalleModel

    init() throws {
        converted = try ConvertedModel("flax/checkpoints/mini-like", vqgan: "torch/vqgan_flax")
        model = DalleModel(converted.file)
    }

    private static func requests(_ caller: Int) -> [Request] {
        (0...caller % 3).map { Request(prompt: prompts[(caller + $0) % prompts.count], seed: UInt32(caller * 10 + $0)) }
    }

    private func alone(_ requests: [Request]) throws -> [Drawn] {
        var drawn: [Drawn] = []
        try ImageGenerator(model, ComputeContext(threads: 2)).generate(requests) { drawn.append(Drawn($0)) }
        return drawn
    }

    private static func draw(_ engine: ImageEngine, _ requests: [Request]) async throws -> [Drawn] {
        var images: [GeneratedImage] = []
        for try await event in engine.generate(requests) {
            if case .image(let image) = event { images.append(image) }
        }
        return images.sorted { $0.number < $1.number }.map { Drawn($0) }
    }

    /// More callers than rows, so that images take over the rows of others.
    private func expectSameImages(callers: Int, _ engine: @escaping @Sendable (Int) -> ImageEngine) async throws {
        let expected = try (0..<callers).map { try alone(Self.requests($0)) }
        try await withThrowingTaskGroup(of: (Int, [Drawn]).self) { group in
            for caller in 0..<callers {
                group.addTask { (caller, try await Self.draw(engine(caller), Self.requests(caller))) }
            }
            for try await (caller, drawn) in group { #expect(drawn == expected[caller], "caller \(caller)") }
        }
    }

    @Test func eightCallersGetTheBitsOfSingleRuns() async throws {
        let engine = try ImageEngine(model, ComputeContext(threads: 2), rows: 3)
        try await expectSameImages(callers: 8) { _ in engine }
    }

    @Test func twoEnginesDoNotDisturbEachOther() async throws {
        let engines = [
            try ImageEngine(model, ComputeContext(threads: 2), rows: 2),
            try ImageEngine(model, ComputeContext(threads: 1), rows: 1),
        ]
        try await expectSameImages(callers: 4) { engines[$0 % 2] }
    }

    @Test func aCallerThatLeavesDoesNotTakeOthersAlong() async throws {
        let engine = try ImageEngine(model, ComputeContext(threads: 2), rows: 2)
        let many = (0..<1000).map { Request(prompt: "a red circle", seed: UInt32($0)) }
        let leaver = Task {
            for try await event in engine.generate(many) {
                if case .sampling = event { break }
            }
        }
        try await leaver.value
        let requests = Self.requests(2)
        #expect(try await Self.draw(engine, requests) == alone(requests))
    }

    @Test func aTaskThatIsCancelledEnds() async throws {
        let engine = try ImageEngine(model, ComputeContext(threads: 2), rows: 2)
        let many = (0..<100_000).map { Request(prompt: "a red circle", seed: UInt32($0)) }
        let task = Task {
            var count = 0
            for try await event in engine.generate(many) {
                if case .image = event { count += 1 }
            }
            return count
        }
        task.cancel()
        #expect(try await task.value < many.count)
    }

    @Test func errorsReachTheirCallerOnly() async throws {
        let engine = try ImageEngine(model, ComputeContext(threads: 2))
        let options = GenerationOptions(SamplingOptions(engine.defaults), keepingBest: 1)
        await #expect(throws: DalleError.self) {
            // The file has nothing to rank with.
            for try await _ in engine.generate(Self.requests(0), options) {}
        }
        let requests = Self.requests(1)
        async let drawn = Self.draw(engine, requests)
        let misfit = Request(prompt: "a red circle", seed: 1, known: KnownTokens([0: 1 << 20]))
        await #expect(throws: DalleError.self) { try await Self.draw(engine, [misfit]) }
        #expect(try await drawn == alone(requests))
    }

    @Test func withoutThreadsTheImagesAreTheSame() async throws {
        let requests = Self.requests(2)
        let expected = try alone(requests)
        let engine = try WorkerThread.areRefused.withValue(true) {
            try ImageEngine(model, ComputeContext(threads: 2), rows: 2)
        }
        #expect(try await Self.draw(engine, requests) == expected)
    }

    @Test func previewsAreRowsThatCame() async throws {
        let engine = try ImageEngine(model, ComputeContext(threads: 2))
        let options = GenerationOptions(SamplingOptions(engine.defaults), previewRows: 2)
        var heights: [Int] = []
        for try await event in engine.generate([Request(prompt: "a red circle", seed: 1)], options) {
            switch event {
            case .preview(let image, 0): heights.append(image.height)
            case .image(let image): heights.append(image.image.height)
            default: break
            }
        }
        #expect(heights.count > 1 && heights == heights.sorted() && Set(heights).count == heights.count)
    }
}
