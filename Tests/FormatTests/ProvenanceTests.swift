import DalleFormat
import TestSupport
import Testing

@Suite struct ProvenanceTests {
    @Test func itComesBackFromMetadata() {
        var provenance = Provenance()
        provenance.add(Provenance.Source(name: "a.bin", byteCount: 3, digest: Digest(of: [1, 2, 3])))
        provenance.add(Provenance.Step("convert", options: MetadataMap(["dtype": "keep"])))
        #expect(Provenance(provenance.metadata) == provenance)
        let foreign = Provenance(MetadataMap(["steps": ["text", 3], "sources": 3]))
        #expect(foreign.steps.map(\.action) == ["text"] && foreign.sources.isEmpty)
    }

    @Test func whatIsTheSameIsKeptOnce() {
        var one = Provenance()
        one.add(Provenance.Source(name: "a.bin", byteCount: 3, digest: Digest(of: [1, 2, 3])))
        one.add(Provenance.Step("convert"))
        var two = one
        two.add(Provenance.Step("quantize"))
        one.add(two)
        #expect(one == two)
    }

    @Test func filesAreDigestedWhole() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("file")
        let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let file = try AtomicFile(path, replacing: false)
        try file.append(bytes)
        try file.commit()
        let expected = Provenance.Source(name: "file", byteCount: bytes.count, digest: Digest(of: bytes))
        #expect(try FileDigests([path, path]).sources() == [expected])
        #expect(throws: DalleError.self) { try FileDigests([directory.path("nowhere")]).sources() }
        // The published value of nothing.
        #expect(Digest(of: []).description == "99aa06d3014798d86001c324468d497f")
    }
}
