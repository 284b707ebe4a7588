import DalleFormat
import DalleKernels
import DalleModels
import DalleQuant
import DalleRuntime
import DalleThreads
import Foundation
import TestSupport
import Testing

/// Contexts and generators are for any number of threads: the pictures are those of one that is alone.
@Suite struct SharedContextTests {
    /// What is drawn of a request.
    private struct Drawn: Equatable {
        let codes: [Int]
        let pixels: [UInt8]
    }

    private static let prompts = ["a red circle", "a blue square"]
    private let model: ConvertedModel

    init() throws { model = try ConvertedModel("flax/checkpoints/mini-like", vqgan: "torch/vqgan_flax") }

    private static func draw(_ generator: ImageGenerator, _ prompt: Int) throws(DalleError) -> [Drawn] {
        var drawn: [Drawn] = []
        let request = Request(prompt: prompts[prompt], seed: UInt32(prompt))
        try generator.generate([request]) {
            drawn.append(Drawn(codes: $0.tokens, pixels: $0.image.bytes))
        }
        return drawn
    }

    /// Every caller draws all prompts, no two neighbours the same one at a time.
    ///
    /// - Parameters:
    ///   - file: What a generator draws with that nobody shares the pool of.
    ///   - generator: gives a caller its generator.
    private static func expectSamePictures(
        _ file: ModelFile, callers: Int, _ generator: @Sendable (Int) throws(DalleError) -> ImageGenerator
    ) throws(DalleError) {
        let alone = try ImageGenerator(DalleModel(file), ComputeContext(threads: 2))
        var expected: [[Drawn]] = []
        for prompt in prompts.indices { expected.append(try draw(alone, prompt)) }
        #expect(expected[0] != expected[1])
        try Parallel.forEach(callers, threads: callers) { [expected] caller throws(DalleError) in
            let generator = try generator(caller)
            for round in prompts.indices {
                let prompt = (caller + round) % prompts.count
                if try draw(generator, prompt) != expected[prompt] {
                    Issue.record("caller \(caller) drew another picture")
                }
            }
        }
    }

    @Test func theDefaultIsTheFastRouteOnAllProcessors() {
        let context = ComputeContext()
        #expect(context.route == .fast)
        #expect(context.threads == ProcessInfo.processInfo.activeProcessorCount)
        #expect(ComputeContext(.fast, threads: 3).pool.threads == 3)
    }

    @Test func generatorsSideBySide() throws {
        let path = model.file.path
        try Self.expectSamePictures(model.file, callers: 2) { _ throws(DalleError) in
            try ImageGenerator(DalleModel(path), ComputeContext(threads: 2))
        }
    }

    @Test func generatorsOfOneContext() throws {
        let file = model.file
        let context = ComputeContext(threads: 2)
        try Self.expectSamePictures(file, callers: 4) { _ throws(DalleError) in
            try ImageGenerator(DalleModel(file), context)
        }
    }

    @Test(arguments: [Int8Rows.standard, nil]) func eightCallersOfOneGenerator(_ scheme: Int8Rows?) throws {
        let file = try scheme.map { try model.quantized($0) } ?? model.file
        let shared = try ImageGenerator(DalleModel(file), ComputeContext(threads: 2))
        try Self.expectSamePictures(file, callers: 8) { _ in shared }
    }

    /// OpenBLAS does one product at a time; the loops that stand in for it any number.
    @Test(arguments: [ReferenceKernels.scalar, .openBLAS]) func callersOfTheReferenceRoute(
        _ products: ReferenceKernels
    ) throws {
        let file = model.file
        let shared = try ImageGenerator(DalleModel(file), ComputeContext(.reference, reference: products, threads: 2))
        let expected = try Self.draw(shared, 0)
        try Parallel.forEach(3, threads: 3) { caller throws(DalleError) in
            if try Self.draw(shared, 0) != expected { Issue.record("caller \(caller) drew another picture") }
        }
    }

    /// Several write model files and read one while others draw with it.
    @Test func convertingQuantisingAndDrawingSideBySide() throws {
        let file = model.file
        let paths = (0..<4).map { model.directory.path("\($0).dalle") }
        let shared = try ImageGenerator(DalleModel(file), ComputeContext(threads: 2))
        let expected = try Self.draw(shared, 0)
        let contents = Monitor<Set<Digest>>([])
        try Parallel.forEach(4, threads: 4) { caller throws(DalleError) in
            if caller % 2 == 0 {
                if try Self.draw(shared, 0) != expected { Issue.record("caller \(caller) drew another picture") }
            } else {
                let plan = try QuantizationPlan(file, Int8Rows.standard)
                _ = try Quantizer(file, plan).write(to: paths[caller], replacing: false)
                let content = try ModelFile(paths[caller]).content
                contents.withLock { _ = $0.insert(content) }
            }
        }
        #expect(contents.withLock { $0.count } == 1)
    }

    @Test func withoutThreadsThePicturesAreTheSame() throws {
        let expected = try Self.draw(try ImageGenerator(DalleModel(model.file), ComputeContext(threads: 2)), 0)
        let drawn = try WorkerThread.areRefused.withValue(true) {
            let context = ComputeContext(threads: 4)
            #expect(context.threads == 1)
            return try Self.draw(try ImageGenerator(DalleModel(model.file), context), 0)
        }
        #expect(drawn == expected)
    }

    @Test func aCancelledTaskStops() async throws {
        let file = model.file
        let task = Task.detached { () -> (Int, DalleError?) in
            var drawn = 0
            do throws(DalleError) {
                let generator = try ImageGenerator(DalleModel(file), ComputeContext(threads: 1))
                let requests = (0..<10_000).map { Request(prompt: "a red circle", seed: UInt32($0)) }
                try generator.generate(requests) { _ in
                    drawn += 1
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            } catch {
                return (drawn, error)
            }
            return (drawn, nil)
        }
        let (drawn, error) = await task.value
        #expect(drawn == 1)
        #expect(error?.code == .cancelled)
    }
}
