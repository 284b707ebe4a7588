import DalleFormat
import TestSupport
import Testing

/// The examples of docs/LIBRARY.md: they stand there word for word and do what they say.
@Suite struct LibraryDocumentTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func theExamplesWork() throws {
        let path = directory.path("ramp.dalle")
        // example: write
        /// A tensor whose elements are made up when they are asked for: 0, 1, 2, …
        struct Ramp: TensorSource {
            let dtype = DType.float32
            let shape: Shape

            func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
                for (i, element) in elements.enumerated() {
                    target.storeBytes(of: Float(element), toByteOffset: 4 * i, as: Float.self)
                }
            }
        }

        let writer = try ModelFileWriter(path, replacing: false, threads: 2)
        try writer.add("words.list", BytesSource(Array("a\nthe".utf8)), compression: .none)
        try writer.add("words.ramp", Ramp(shape: [1000, 4000]), compression: .zstd(level: 3))
        var provenance = Provenance()
        provenance.add(Provenance.Step("make an example"))
        let words = Component(name: "words", kind: Component.Kind("word-frequencies"), configuration: MetadataMap())
        try writer.finish(metadata: provenance.metadata, components: [words])
        // end of example
        // example: read
        let file = try ModelFile(path)
        for tensor in file.tensors {
            print(tensor.name, tensor.dtype, tensor.shape, tensor.storedByteCount, "of", tensor.byteCount)
        }
        let ramp = try FloatTensor(file, "words.ramp", shape: [1000, 4000], threads: 2)
        print(ramp.row(3)[5], file.content, try file.damages().isEmpty)
        // end of example
        #expect(ramp.row(3)[5] == 12005)
        #expect(try file.damages().isEmpty)
        let target = directory.path("words.dalle")
        // example: copy
        let copy = try ModelFileWriter(target, replacing: false, threads: 2)
        for tensor in file.tensors where tensor.name.hasSuffix(".list") { try copy.copy(tensor, from: file) }
        try copy.finish(metadata: file.metadata, components: file.components)
        // end of example
        #expect(try ModelFile(target).tensors.map(\.name) == ["words.list"])
    }

    @Test func theyStandInTheDocument() throws {
        #expect(try DocumentExamples("docs/LIBRARY.md").missing(["write", "read", "copy"]) == [])
    }
}
