import DalleFormat
import DalleQuant
import Foundation
import TestSupport
import Testing

@Suite struct QuantizerTests {
    private func model(_ directory: TemporaryDirectory) throws -> ModelFile {
        var generator = SeededGenerator(seed: 3)
        let path = directory.path("model.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        let floats = (0..<3 * 1000).map { _ in generator.normal() }
        try writer.add("bart.decoder.w", MemorySource(floats, [3, 1000]), compression: .none)
        try writer.add("bart.encoder.w", MemorySource(floats, [3000]), compression: .zstd(level: 1))
        try writer.add(
            "tokenizer.tokens", MemorySource(dtype: .uint8, shape: [3], bytes: [1, 2, 3]), compression: .none)
        try writer.finish(
            metadata: MetadataMap(["steps": ["first"]]),
            components: [Component(name: "words", kind: .wordFrequencies, configuration: MetadataMap())])
        return try ModelFile(path)
    }

    @Test(arguments: [FloatCast.float16, .bfloat16])
    func floatsAreRoundedAndTheRestIsKept(_ scheme: FloatCast) throws {
        let directory = try TemporaryDirectory()
        let original = try model(directory)
        let path = directory.path("small.dalle")
        let quantizer = Quantizer(original, scheme)
        #expect(quantizer.plan.map { $0.dtype?.rawValue } == [scheme.name, scheme.name, nil])
        let size = try quantizer.write(to: path, compression: .zstd(level: 1), replacing: false, threads: 2)
        let small = try ModelFile(path)
        #expect(small.byteCount == size)
        #expect(small.components == original.components)
        #expect(small.descriptor("bart.decoder.w")?.isStored == true)
        #expect(small.descriptor("tokenizer.tokens")?.dtype == .uint8)
        guard case .list(let steps)? = small.metadata["steps"] else {
            Issue.record("no steps")
            return
        }
        #expect(steps.count == 2)
        let before = try floats(original), after = try floats(small)
        // Half a unit in the last place: 11 and 8 significant bits.
        let bound: Float = scheme.name == "float16" ? 1.0 / 2048 : 1.0 / 256
        var exact = 0
        for i in before.indices {
            #expect(abs(after[i] - before[i]) <= bound * abs(before[i]) + 1e-7)
            if after[i] == before[i] { exact += 1 }
        }
        #expect(exact < before.count / 10)
    }

    private func floats(_ file: ModelFile) throws -> [Float] {
        let tensor = try FloatTensor(file, "bart.decoder.w", shape: [3, 1000])
        return (0..<3).flatMap { row in (0..<1000).map { tensor.row(row)[$0] } }
    }

    @Test func whatIsShortAlreadyStays() throws {
        let directory = try TemporaryDirectory()
        let first = directory.path("a.dalle")
        _ = try Quantizer(try model(directory), FloatCast.float16)
            .write(to: first, compression: .none, replacing: false, threads: 1)
        #expect(Quantizer(try ModelFile(first), FloatCast.bfloat16).plan.allSatisfy { $0.dtype == nil })
    }
}
