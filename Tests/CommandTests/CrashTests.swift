import DalleFormat
import Foundation
import TestSupport
import Testing

/// Whatever ends a conversion, the output is the old file or the new one, and nothing lies beside it.
@Suite(.serialized) struct CrashTests {
    private let directory: TemporaryDirectory
    private let source = Fixtures.path("demo/dalle")

    init() throws { directory = try TemporaryDirectory() }

    @Test func aKilledConversionLeavesTheOldFileOrTheNew() throws {
        #expect(try Command("dalle-convert", ["flax", source, "-o", "model"], in: directory.url).status == 0)
        let old = try ModelFile(directory.path("model")).rootDigest
        let new = try Command(
            "dalle-convert", ["flax", source, "-o", "new", "--compress", "zstd:9"], in: directory.url)
        #expect(new.status == 0)
        let roots = [old, try ModelFile(directory.path("new")).rootDigest]
        #expect(roots[0] != roots[1])
        try FileManager.default.removeItem(atPath: directory.path("new"))
        var random = SeededGenerator(seed: 4)
        for _ in 0..<12 {
            let process = try Command.start(
                "dalle-convert", ["flax", source, "-o", "model", "--force", "--compress", "zstd:9"], in: directory.url)
            usleep(UInt32.random(in: 0..<300_000, using: &random))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let file = try ModelFile(directory.path("model"))
            #expect(roots.contains(file.rootDigest))
            #expect(try file.damages().isEmpty)
            #expect(directory.contents == ["model"])
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func anInterruptedRunLeavesNothing(_ signal: Int32) throws {
        let model = directory.path("model")
        let vqgan = Fixtures.path("demo/vqgan")
        let parts = ["--vqgan", vqgan, "--clip", Fixtures.path("demo/clip")]
        #expect(try Command("dalle-convert", ["flax", source, "-o", model] + parts).status == 0)
        // Far more than can be drawn before the signal comes.
        let process = try Command.start(
            "dalle-run", ["model", "a red circle", "--count", "400", "--keep", "1", "-o", "a.png", "--seed", "1"],
            in: directory.url)
        usleep(1_500_000)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
        #expect(directory.contents == ["model"])
    }
}
