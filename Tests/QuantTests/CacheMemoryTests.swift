import DalleFormat
import DalleModels
import DalleQuant
import TestSupport
import Testing

/// What a run's keys and values take, which depends on the matrices that make the keys.
@Suite struct CacheMemoryTests {
    private static let (layers, heads, width, textLength, imageLength) = (2, 2, 64, 4, 16)

    private func model(_ path: String) throws -> ModelFile {
        let stack = BartConfiguration.Stack(
            layers: Self.layers, heads: Self.heads, feedForwardWidth: 64, hasFinalNorm: true)
        let model = BartConfiguration(
            width: Self.width, encoder: stack, decoder: stack, textVocabulary: 10, imageVocabulary: 20,
            textLength: Self.textLength, imageLength: Self.imageLength, startToken: 0, padToken: 0, endToken: 0)
        var generator = SeededGenerator(seed: 5)
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        for tensor in try model.tensors() {
            let floats = (0..<tensor.shape.count).map { _ in generator.normal() }
            try writer.add("bart.\(tensor.name)", MemorySource(floats, tensor.shape), compression: .none)
        }
        try writer.finish(
            metadata: MetadataMap(),
            components: [Component(name: "bart", kind: .dalleBart, configuration: model.metadata)])
        return try ModelFile(path)
    }

    /// Of each layer whether its own keys, and those of the text, stay floats.
    private static let cases: [(kept: [String], own: [Bool], text: [Bool])] = [
        ([], [false, false], [false, false]), (["self_attention\\.key"], [true, true], [false, false]),
        (["layers\\.1\\..*key"], [false, true], [false, true]), (["\\.key"], [true, true], [true, true]),
    ]

    @Test(arguments: cases.indices) func keysDecide(_ number: Int) throws {
        let (kept, own, text) = Self.cases[number]
        let directory = try TemporaryDirectory()
        let file = try model(directory.path("model"))
        let plan = try QuantizationPlan(
            file, Int8Rows.standard, overrides: try kept.map { try TensorOverride("\($0)=float16") })
        _ = try Quantizer(file, plan).write(to: directory.path("small"), replacing: false)
        let memory = try RunMemory(ModelFile(directory.path("small")), sequences: 3)
        // Keys and values of three rows: a number is four bytes, or one and for each head a scale.
        func cache(_ positions: Int, _ isFloat: Bool) -> Int {
            2 * 3 * positions * (isFloat ? 4 * Self.width : Self.width + 4 * Self.heads)
        }
        let caches = own.map { cache(Self.imageLength, $0) } + text.map { cache(Self.textLength, $0) }
        #expect(memory.stages[1].workByteCount == caches.reduce(3 * 3 * 20 * 4, +))
    }
}
