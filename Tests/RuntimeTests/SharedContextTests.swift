import DalleFormat
import DalleRuntime
import Foundation
import Synchronization
import TestSupport
import Testing

/// Contexts and generators are for any number of threads: the pictures are those of one that is alone.
@Suite struct SharedContextTests {
    private static let prompts = ["a red circle", "a blue square"]
    private let model: ConvertedModel

    init() throws { model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan") }

    private static func pictures(_ generator: ImageGenerator, _ prompt: Int) throws(DalleError) -> [[UInt8]] {
        var drawn: [[UInt8]] = []
        let request = ImageGenerator.Request(prompt: prompts[prompt], seed: UInt32(prompt))
        try generator.generate([request], settings: generator.defaults) { drawn.append($0.image.bytes) }
        return drawn
    }

    @Test func theDefaultIsTheFastRouteOnAllProcessors() {
        let context = ComputeContext()
        #expect(context.route == .fast)
        #expect(context.threads == ProcessInfo.processInfo.activeProcessorCount)
        #expect(ComputeContext(.fast, threads: 3).pool.threads == 3)
    }

    @Test func sharingDrawsTheSamePictures() throws {
        let file = model.file
        let alone = try ImageGenerator(file, ComputeContext(threads: 2))
        let expected = try Self.prompts.indices.map { try Self.pictures(alone, $0) }
        #expect(Set(expected).count == 2)
        let context = ComputeContext(threads: 2)
        let shared = try ImageGenerator(file, context)
        try Parallel.forEach(4, threads: 4) { caller throws(DalleError) in
            let generator = caller % 2 == 0 ? shared : try ImageGenerator(file, context)
            for round in 0..<2 {
                let prompt = (caller + round) % 2
                let drawn = try Self.pictures(generator, prompt)
                if drawn != expected[prompt] { Issue.record("caller \(caller) drew another picture") }
            }
        }
    }

    @Test func withoutThreadsThePicturesAreTheSame() throws {
        let expected = try Self.pictures(try ImageGenerator(model.file, ComputeContext(threads: 2)), 0)
        let drawn = try WorkerThread.areRefused.withValue(true) {
            let context = ComputeContext(threads: 4)
            #expect(context.threads == 1)
            return try Self.pictures(try ImageGenerator(model.file, context), 0)
        }
        #expect(drawn == expected)
    }

    @Test func aCancelledTaskStops() async throws {
        let file = model.file
        let task = Task.detached { () -> (Int, DalleError?) in
            var drawn = 0
            do throws(DalleError) {
                let generator = try ImageGenerator(file, ComputeContext(threads: 1))
                let requests = (0..<10_000).map { ImageGenerator.Request(prompt: "a red circle", seed: UInt32($0)) }
                try generator.generate(requests, settings: generator.defaults) { _ in
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
