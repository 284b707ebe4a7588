import DalleFormat
import DalleModels
import TestSupport
import Testing

@Suite struct RunMemoryTests {
    /// Sizes of a model that can be counted by hand.
    @Test func memoryFollowsFromTheConfiguration() throws {
        let stack = BartConfiguration.Stack(layers: 2, heads: 2, feedForwardWidth: 16, hasFinalNorm: true)
        let model = BartConfiguration(
            width: 8, encoder: stack, decoder: stack, textVocabulary: 10, imageVocabulary: 20, textLength: 4,
            imageLength: 16, startToken: 0, padToken: 0, endToken: 0)
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("model"), replacing: false, threads: 1)
        var elements = 0
        for tensor in try model.tensors() {
            if tensor.isInDecoder { elements += tensor.shape.count }
            let half = MemorySource(
                dtype: .float16, shape: tensor.shape, bytes: [UInt8](repeating: 0, count: tensor.shape.count * 2))
            try writer.add("bart.\(tensor.name)", half, compression: .none)
        }
        try writer.finish(
            metadata: MetadataMap(),
            components: [Component(name: "bart", kind: .dalleBart, configuration: model.metadata)])
        let memory = try RunMemory(ModelFile(directory.path("model")), sequences: 2)
        #expect(memory.stages.map(\.name) == ["encoder", "decoder"])
        // Rows of the embedding are looked up one by one.
        let embedding = try model.tensors().filter { $0.name == "decoder.token_embedding" }.reduce(0) {
            $0 + $1.shape.count
        }
        #expect(memory.stages[1].weightByteCount == (elements - embedding) * 2)
        // Keys and values, two layers, two rows, 16 + 4 positions, eight numbers of four bytes; and the logits.
        #expect(
            memory.stages[1].workByteCount == 2 * 2 * 2 * 20 * 8 * 4 + 3 * 2 * model.imageVocabulary * 4)
        #expect(memory.peakByteCount() > memory.stages[1].byteCount)
        #expect(memory.stages[1].leastByteCount < memory.stages[1].byteCount)
        // One layer of the encoder at a time: four projections and three feed-forward matrices, and their norms.
        let layer = try model.tensors().filter { $0.name.hasPrefix("encoder.layers.1.") }.reduce(0) {
            $0 + $1.shape.count
        }
        #expect(memory.stages[0].weightByteCount == layer * 2)
    }
}
