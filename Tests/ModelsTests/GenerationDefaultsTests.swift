import DalleFormat
import DalleModels
import TestSupport
import Testing

/// Settings of a file are held to what those of the command line are held to.
@Suite struct GenerationDefaultsTests {
    @Test(arguments: [
        ("top_p", 3.0), ("top_p", 1e308), ("top_p", -0.1), ("temperature", .leastNonzeroMagnitude),
        ("temperature", 1e308),
        ("temperature", 0), ("temperature", -1), ("condition_scale", 1e308), ("condition_scale", -1e308),
        ("temperature", .nan), ("condition_scale", .infinity),
    ])
    func whatIsOutOfBoundsIsRefused(_ name: String, _ value: Double) {
        let error = #expect(throws: DalleError.self) { try GenerationDefaults(MetadataMap([name: .number(value)])) }
        #expect(error?.code == .badData && error?.item == name, "\(String(describing: error))")
    }

    @Test func whatAnyoneWouldSetIsTaken() throws {
        for (name, values) in [
            ("top_p", [0, 0.9, 1.0]), ("temperature", [0.001, 0.7, 100]), ("condition_scale", [-3, 0, 1, 10, 1000.0]),
        ] {
            for value in values { _ = try GenerationDefaults(MetadataMap([name: .number(value)])) }
        }
        #expect(throws: DalleError.self) { try GenerationDefaults(MetadataMap(["top_k": -1])) }
        #expect(try GenerationDefaults(MetadataMap(["top_k": 0])).topK == 0)
    }

    /// A part without tensors must have none.
    @Test func aFileIsNamed() throws {
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("a.dalle"), replacing: false, threads: 1)
        try writer.finish(
            metadata: MetadataMap(),
            components: [Component(name: "generation", kind: .generation, configuration: MetadataMap(["top_p": 2]))])
        let file = try ModelFile(directory.path("a.dalle"))
        let error = #expect(throws: DalleError.self) { try GenerationDefaults(file) }
        #expect(error?.file == file.path && error?.item == "top_p")
    }
}
