import DalleFormat
import Foundation
import TestSupport
import Testing

@Suite struct ModelFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Tensors of awkward sizes: empty, scalar, odd, larger than a chunk, of rows that do not divide a chunk.
    private static let tensors: [(name: String, source: MemorySource)] = {
        var generator = SeededGenerator(seed: 1)
        func floats(_ shape: Shape) -> MemorySource {
            MemorySource((0..<shape.count).map { _ in generator.normal() }, shape)
        }
        return [
            ("scalar", floats([])), ("empty", floats([0, 4])), ("small", floats([3, 5])),
            ("odd", MemorySource(dtype: .uint8, shape: [7], bytes: Array("bytes!!".utf8))),
            ("zeros", MemorySource([Float](repeating: 0, count: 4096), [4096])),
            ("large", floats([700, 2730])),
        ]
    }()

    private func write(
        _ name: String, compression: Compression = .none, threads: Int = 2,
        tensors: [(name: String, source: MemorySource)] = Self.tensors
    ) throws -> String {
        let path = directory.path(name)
        let writer = try ModelFileWriter(path, replacing: false, threads: threads)
        for (name, source) in tensors { try writer.add(name, source, compression: compression) }
        try writer.finish(
            metadata: MetadataMap(["tool": "test", "list": [1, 2.5, true, "text"], "map": ["a": [:]]]),
            components: [
                Component(name: "words", kind: Component.Kind("word-frequencies"), configuration: MetadataMap(["n": 3]))
            ])
        return path
    }

    private func bytes(_ source: MemorySource) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: source.shape.byteCount(source.dtype))
        try bytes.withUnsafeMutableBytes { try source.read(0..<source.shape.count, into: $0) }
        return bytes
    }

    @Test(arguments: [Compression.none, .zstd(level: 1), .zstd(level: 9)])
    func everythingComesBack(_ compression: Compression) throws {
        let file = try ModelFile(try write("model.dalle", compression: compression))
        #expect(file.tensors.map(\.name) == Self.tensors.map(\.name))
        for (name, source) in Self.tensors {
            let descriptor = try #require(file.descriptor(name))
            #expect(descriptor.dtype == source.dtype && descriptor.shape == source.shape)
            #expect(try file.bytes(of: name).withUnsafeBytes { Array($0) } == bytes(source))
        }
        #expect(file.metadata["list"] == .list([1, 2.5, true, "text"]))
        #expect(file.components.map(\.kind) == [Component.Kind("word-frequencies")])
        #expect(try file.component(Component.Kind("word-frequencies"))?.configuration.integer("n", in: 0...9) == 3)
        #expect(try file.component(Component.Kind("vqgan")) == nil)
        try file.check(threads: 2)
        if compression == .none {
            #expect(file.tensors.allSatisfy { $0.isStored })
        } else {
            let zeros = try #require(file.descriptor("zeros")), large = try #require(file.descriptor("large"))
            #expect(zeros.storedByteCount < 100 && !large.isStored)
        }
    }

    @Test func aPartOfATensorIsReadAlone() throws {
        for compression in [Compression.none, .zstd(level: 1)] {
            let file = try ModelFile(try write("\(compression).dalle", compression: compression))
            let whole = try bytes(Self.tensors[5].source)
            for range in [0..<1, 4_000_000..<4_300_000, whole.count - 3..<whole.count, 5..<5] {
                #expect(try file.bytes(of: "large", range).withUnsafeBytes { Array($0) } == Array(whole[range]))
            }
            #expect(throws: DalleError.self) { try file.bytes(of: "large", 0..<whole.count + 1) }
        }
    }

    @Test(arguments: [0, 2, 5]) func whatIsTakenOutLeavesNothing(_ number: Int) throws {
        let path = directory.path("a.dalle"), other = Self.tensors[5].source
        let writer = try ModelFileWriter(path, replacing: false, threads: 2)
        for (index, tensor) in Self.tensors.enumerated() {
            if index == number {
                try writer.add("other", other, compression: .none)
                try writer.removeLast()
            }
            try writer.add(tensor.name, tensor.source, compression: .none)
        }
        try writer.add("other", other, compression: .none)
        try writer.removeLast()
        try writer.finish(metadata: MetadataMap(), components: [])
        let plain = try ModelFileWriter(directory.path("b.dalle"), replacing: false, threads: 1)
        for (name, source) in Self.tensors { try plain.add(name, source, compression: .none) }
        try plain.finish(metadata: MetadataMap(), components: [])
        let files = try ["a.dalle", "b.dalle"].map { try Data(contentsOf: URL(filePath: directory.path($0))) }
        #expect(files[0] == files[1])
    }

    @Test func theBytesDoNotDependOnThreads() throws {
        let one = try Data(contentsOf: URL(filePath: try write("1", compression: .zstd(level: 3), threads: 1)))
        let four = try Data(contentsOf: URL(filePath: try write("4", compression: .zstd(level: 3), threads: 4)))
        #expect(one == four)
    }

    @Test func storedTensorsAreUsedWhereTheyLie() throws {
        let file = try ModelFile(try write("model.dalle"))
        let floats = try FloatTensor(file, "large", shape: [700, 2730])
        #expect(try file.bytes(of: "large").isMapped)
        #expect(floats.elements[12345] == floats.row(4)[12345 - 4 * 2730])
        let address = floats.elements.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        #expect(address % 4096 == 0)
        #expect(throws: DalleError.self) { try FloatTensor(file, "large", shape: [2730, 700]) }
        #expect(throws: DalleError.self) { try FloatTensor(file, "missing", shape: [1]) }
    }

    @Test func anUnfinishedFileLeavesNothing() throws {
        let path = directory.path("unfinished.dalle")
        do {
            let writer = try ModelFileWriter(path, replacing: false, threads: 1)
            try writer.add("small", Self.tensors[2].source, compression: .none)
            #expect(!directory.contents.contains("unfinished.dalle"))
        }
        #expect(directory.contents.isEmpty)
    }

    @Test func anExistingFileIsKeptUnlessReplaced() throws {
        let path = try write("model.dalle")
        #expect(throws: DalleError.self) { try ModelFileWriter(path, replacing: false, threads: 1) }
        let writer = try ModelFileWriter(path, replacing: true, threads: 1)
        #expect(try ModelFile(path).tensors.count == Self.tensors.count)
        try writer.finish(metadata: MetadataMap(), components: [])
        #expect(try ModelFile(path).tensors.isEmpty)
        #expect(directory.contents == ["model.dalle"])
    }

    @Test(arguments: [
        ("", "empty"), ("<!DOCTYPE html><html>Sign in</html>", "web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"), ("GGUF....", "GGUF"),
    ])
    func otherFilesAreNamed(_ content: String, _ expected: String) throws {
        let path = directory.path("other")
        try Data((content + (content.isEmpty ? "" : String(repeating: " ", count: 100))).utf8)
            .write(to: URL(filePath: path))
        let error = #expect(throws: DalleError.self) { try ModelFile(path) }
        #expect(
            error?.code == .badData && error?.description.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func aMissingFileIsMissing() {
        let error = #expect(throws: DalleError.self) { try ModelFile(directory.path("nowhere")) }
        #expect(error?.code == .missingInput)
    }
}
