import DalleFormat
import DalleModels
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
        let plan = try QuantizationPlan(original, scheme)
        #expect(plan.decisions.map { $0.scheme?.name } == [scheme.name, scheme.name, nil])
        let report = try Quantizer(original, plan).write(to: path, replacing: false)
        let small = try ModelFile(path)
        #expect(small.byteCount == report.fileByteCount)
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
        let first = try write(try model(directory), FloatCast.float16, directory.path("a.dalle"))
        let error = #expect(throws: DalleError.self) { try QuantizationPlan(first, FloatCast.bfloat16) }
        #expect(error?.code == .usage)
    }

    private func write(
        _ file: ModelFile, _ scheme: any QuantizationScheme, _ path: String, threads: Int = 1, keep: [String] = []
    ) throws -> ModelFile {
        var quantizer = Quantizer(
            file, try QuantizationPlan(file, scheme, overrides: try keep.map { try TensorOverride($0) }))
        quantizer.threads = threads
        _ = try quantizer.write(to: path, replacing: false)
        return try ModelFile(path)
    }

    /// Rows of DALL·E mini's awkward width, a kernel, and what no scheme of whole numbers touches.
    private func network(_ directory: TemporaryDirectory) throws -> ModelFile {
        var generator = SeededGenerator(seed: 21)
        func floats(_ shape: Shape) -> MemorySource {
            MemorySource((0..<shape.count).map { _ in generator.normal() }, shape)
        }
        let path = directory.path("network.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        try writer.add("bart.down", floats([40, 2730]), compression: .none)
        try writer.add("bart.up", floats([2730, 40]), compression: .zstd(level: 1))
        try writer.add("bart.kernel", floats([16, 3, 3, 64]), compression: .none)
        try writer.add("bart.norm.scale", floats([2730]), compression: .none)
        try writer.add("bart.small", floats([8, 8]), compression: .none)
        try writer.add("bart.thin", floats([2000, 5]), compression: .none)
        try writer.add("bart.heads.position_bias", floats([4, 64, 64]), compression: .none)
        try writer.add("words.list", try BytesSource(Array("a\nthe".utf8)), compression: .none)
        try writer.finish(metadata: MetadataMap(), components: [])
        return try ModelFile(path)
    }

    @Test func planSaysWhy() throws {
        let directory = try TemporaryDirectory()
        let file = try network(directory)
        let plan = try QuantizationPlan(file, Int8Rows.standard)
        #expect(
            plan.decisions.map(\.after) == [
                "int8", "int8", "int8", "float32", "float32", "float16", "float16", "uint8",
            ])
        for decision in plan.decisions { #expect(!decision.reason.isEmpty) }
        #expect(try QuantizationPlan(file, Int4Rows.standard).decisions[0].after == "int4")
        let rules = ["bart\\.(up|down)$=int4", "kernel", "norm=float16"].map { try? TensorOverride($0) }.compactMap(
            \.self)
        let changed = try QuantizationPlan(file, Int8Rows.standard, overrides: rules)
        #expect(
            changed.decisions.map(\.after) == [
                "int4", "int4", "float32", "float16", "float32", "float16", "float16", "uint8",
            ])
        #expect(changed.decisions[2].reason.contains("--keep kernel"))
        for (text, code) in [("nothing", DalleError.Code.usage), ("up=int9", .usage)] {
            let error = #expect(throws: DalleError.self) {
                try QuantizationPlan(file, Int8Rows.standard, overrides: [try TensorOverride(text)])
            }
            #expect(error?.code == code)
        }
        #expect(throws: DalleError.self) { try TensorOverride("(") }
    }

    @Test(arguments: [Int8Rows.standard as any QuantizationScheme, Int4Rows.standard])
    func wholeNumbersComeBackAsFloats(_ scheme: any QuantizationScheme) throws {
        let directory = try TemporaryDirectory()
        let file = try network(directory)
        let one = try write(file, scheme, directory.path("one.dalle"))
        let four = try write(file, scheme, directory.path("four.dalle"), threads: 4)
        #expect(one.root == four.root)
        #expect(try one.damages(decoding: true).isEmpty)
        for (name, shape) in [("bart.down", [40, 2730] as Shape), ("bart.up", [2730, 40])] {
            let tensor = try #require(one.descriptor(name))
            #expect(tensor.dtype == .float32 && tensor.shape == shape && tensor.packing != nil)
            // Read in place, however the source was packed.
            #expect(tensor.isStored)
            let before = try FloatTensor(file, name, shape: shape).array
            let after = try FloatTensor(one, name, shape: shape, threads: 2).array
            let elements = try FloatElements(one, name, shape: shape)
            var part = [Float](repeating: 0, count: 100)
            var target = part.mutableSpan
            try elements.read(39..<139, into: &target)
            #expect(part == Array(after[39..<139]))
            let source = try ModelFileSource(one, name)
            try part.withUnsafeMutableBytes { try source.read(2701..<2801, into: $0) }
            #expect(part == Array(after[2701..<2801]))
            let noise = zip(before, after).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let signal = before.reduce(0) { $0 + $1 * $1 }
            #expect(noise < signal * (scheme.name == "int8" ? 1e-3 : 0.02))
        }
        #expect(one.tensors.map(\.name) == file.tensors.map(\.name))
        #expect(one.descriptor("bart.norm.scale")?.digest == file.descriptor("bart.norm.scale")?.digest)
    }

    @Test func quantisedTensorsAreNotQuantisedAgainUnasked() throws {
        let directory = try TemporaryDirectory()
        let int8 = try write(try network(directory), Int8Rows.standard, directory.path("int8.dalle"))
        let error = #expect(throws: DalleError.self) { try QuantizationPlan(int8, Int4Rows.standard) }
        #expect(error?.code == .usage && error?.item == "bart.down" && error?.remedy?.contains("--from") == true)
        let plan = try QuantizationPlan(int8, Int4Rows.standard, fromQuantized: true)
        let path = directory.path("int4.dalle")
        _ = try Quantizer(int8, plan).write(to: path, replacing: false)
        let int4 = try ModelFile(path)
        #expect(int4.descriptor("bart.down")?.layout == .int4Rows)
        let steps = Provenance(int4.metadata).steps
        #expect(steps.map(\.action) == ["quantize int8", "quantize int4"])
        #expect(steps[1].options["from_quantised"] == true && steps[0].options["from_quantised"] == nil)
    }

    @Test func tooCoarseATypeIsReplacedAloud() throws {
        let directory = try TemporaryDirectory()
        var generator = SeededGenerator(seed: 30)
        var values = (0..<8 * 1000).map { _ in generator.normal() * 0.001 }
        // One number in each row that leaves the others no steps.
        for row in 0..<8 { values[row * 1000] = 0.5 }
        values = values.map { $0 * 1 }
        let writer = try ModelFileWriter(directory.path("a.dalle"), replacing: false, threads: 1)
        try writer.add("w", MemorySource(values, [8, 1000]), compression: .none)
        try writer.finish(metadata: MetadataMap(), components: [])
        let file = try ModelFile(directory.path("a.dalle"))
        let plan = try QuantizationPlan(file, Int8Rows.standard)
        let report = try Quantizer(file, plan).measure()
        #expect(report.tensors[0].after == "int8" || report.tensors[0].reason.contains("under 30.0 dB"))
        let kept = try QuantizationPlan(file, Int4Rows.standard, overrides: [try TensorOverride("w=int4")])
        #expect(try Quantizer(file, kept).measure().tensors[0].after == "int4")
    }

    /// The type that is too coarse has been written when that is known.
    @Test(arguments: [1, 3]) func whatIsTooCoarseIsTakenOutAgain(_ threads: Int) throws {
        let directory = try TemporaryDirectory()
        var generator = SeededGenerator(seed: 31)
        var values = (0..<2100 * 1000).map { _ in generator.normal() * 0.001 }
        // Numbers that leave the others of their rows no steps.
        for row in 0..<2100 { values[row * 1000] = 0.5 }
        let writer = try ModelFileWriter(directory.path("a.dalle"), replacing: false, threads: 1)
        let small = MemorySource((0..<64 * 64).map { _ in generator.normal() }, [64, 64])
        try writer.add("a", small, compression: .none)
        try writer.add("w", MemorySource(values, [2100, 1000]), compression: .none)
        try writer.add("z", small, compression: .none)
        try writer.finish(metadata: MetadataMap(), components: [])
        let file = try ModelFile(directory.path("a.dalle"))
        var quantizer = Quantizer(file, try QuantizationPlan(file, Int8Rows.standard))
        quantizer.threads = threads
        let measured = try quantizer.measure()
        let report = try quantizer.write(to: directory.path("b.dalle"), replacing: false)
        #expect(report.tensors.map(\.after) == ["int8", "float16", "int8"])
        #expect(report.tensors[1].reason.contains("under 30.0 dB"))
        #expect(zip(report.tensors, measured.tensors).allSatisfy { $0.error == $1.error && $0.reason == $1.reason })
        let found = try ModelFile(directory.path("b.dalle"))
        let asked = try write(file, Int8Rows.standard, directory.path("c.dalle"), keep: ["w=float16"])
        #expect(try found.damages(decoding: true).isEmpty)
        #expect(found.tensors.map(\.digest) == asked.tensors.map(\.digest))
        #expect(found.byteCount - asked.byteCount < 1000)
    }

    /// Tensors of several chunks, scales among them that begin inside one.
    @Test(arguments: [Int8Rows.standard as any QuantizationScheme, Int4Rows.standard, FloatCast.float16])
    func largeTensorsDoNotDependOnThreads(_ scheme: any QuantizationScheme) throws {
        let directory = try TemporaryDirectory()
        var generator = SeededGenerator(seed: 32)
        let row = (0..<1000).map { _ in generator.normal() }
        let values = (0..<9000).flatMap { number in row.map { $0 * Float(number % 29 + 1) } }
        let writer = try ModelFileWriter(directory.path("a.dalle"), replacing: false, threads: 1)
        for name in ["a", "b"] {
            try writer.add(name, MemorySource(values, [9000, 1000]), compression: .zstd(level: 1))
        }
        try writer.finish(metadata: MetadataMap(), components: [])
        let file = try ModelFile(directory.path("a.dalle"))
        let one = try write(file, scheme, directory.path("one.dalle"))
        let four = try write(file, scheme, directory.path("four.dalle"), threads: 4)
        #expect(one.root == four.root)
        #expect(try four.damages(decoding: true).isEmpty && four.tensors[0].byteCount > 4 << 20)
        #expect(four.tensors[0].digest == four.tensors[1].digest)
    }

    @Test func theGateLeavesNothingBehind() throws {
        let directory = try TemporaryDirectory()
        let file = try network(directory)
        var quantizer = Quantizer(file, try QuantizationPlan(file, Int8Rows.standard))
        quantizer.minimumSQNR = 90
        let report = try quantizer.write(to: directory.path("out.dalle"), replacing: false)
        #expect(!report.passes && report.failures.count >= 3 && report.fileByteCount == nil)
        #expect(directory.contents == ["network.dalle"])
        quantizer.minimumSQNR = 30
        #expect(try quantizer.write(to: directory.path("out.dalle"), replacing: false).passes)
        #expect(directory.contents == ["network.dalle", "out.dalle"])
    }

    @Test func numbersOutsideFloat16AreRefused() throws {
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("a.dalle"), replacing: false, threads: 1)
        try writer.add("w", MemorySource([1, 2, 70_000, 4], [2, 2]), compression: .none)
        try writer.finish(metadata: MetadataMap(), components: [])
        let file = try ModelFile(directory.path("a.dalle"))
        let plan = try QuantizationPlan(file, FloatCast.float16)
        let error = #expect(throws: DalleError.self) { try Quantizer(file, plan).measure() }
        #expect(error?.item == "w" && error?.message.contains("row 1 holds 70000") == true)
        #expect(try Quantizer(file, try QuantizationPlan(file, FloatCast.bfloat16)).measure().passes)
    }
}
