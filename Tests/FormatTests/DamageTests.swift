import Foundation
import TestSupport
import Testing

@testable import DalleFormat

/// What happens to a model file on its way, and what is made up: all of it is found, and nothing crashes.
@Suite struct DamageTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let names = ["words.scalar", "words.empty", "words.noise", "words.text"]

    /// A whole small file with padding, and chunks stored and in planes.
    private func bytes(_ compression: Compression) throws -> [UInt8] {
        var generator = SeededGenerator(seed: 1)
        let path = directory.path("whole")
        let writer = try ModelFileWriter(path, replacing: true, threads: 1)
        try writer.add(Self.names[0], MemorySource([1.5], []), compression: compression)
        try writer.add(Self.names[1], MemorySource([], [0, 4]), compression: compression)
        try writer.add(
            Self.names[2], MemorySource((0..<15).map { _ in generator.normal() }, [3, 5]), compression: compression)
        let text = Array(String(repeating: "ab", count: 40).utf8)
        try writer.add(Self.names[3], MemorySource(dtype: .uint8, shape: [80], bytes: text), compression: compression)
        try writer.finish(
            metadata: MetadataMap(["list": [1, 2.5, true, "text"], "map": ["a": [:]]]),
            components: [
                Component(name: "words", kind: Component.Kind("word-frequencies"), configuration: MetadataMap(["n": 3]))
            ])
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// What reading everything gives: the bytes of each tensor, or nil where something was refused.
    private func contents(_ bytes: [UInt8]) throws -> [[UInt8]?]? {
        let path = directory.path("damaged")
        // The same file each time: a new one costs much more.
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        #expect(ftruncate(descriptor, off_t(bytes.count)) == 0)
        #expect(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
        guard let file = try? ModelFile(path) else { return nil }
        return Self.names.map { name in try? file.bytes(of: name).withUnsafeBytes { Array($0) } }
    }

    private func damages(_ bytes: [UInt8]) throws -> [ModelFile.Damage]? {
        guard try contents(bytes) != nil, let file = try? ModelFile(directory.path("damaged")) else { return nil }
        return try file.damages()
    }

    @Test(arguments: [Compression.none, .zstd(level: 1)])
    func everyFlippedBitIsFound(_ compression: Compression) throws {
        let whole = try bytes(compression)
        let expected = try #require(try contents(whole))
        #expect(try damages(whole) == [] && !expected.contains(nil))
        for offset in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[offset] ^= 1 << UInt8(bit)
                // Refused at opening, or found by the check; and what can still be read is right.
                guard let found = try damages(changed) else { continue }
                #expect(!found.isEmpty && found.allSatisfy { $0.range.contains(offset) }, "bit \(bit) of \(offset)")
                for (now, before) in zip(try contents(changed) ?? [], expected) {
                    #expect(now == nil || now == before, "bit \(bit) of \(offset)")
                }
            }
        }
    }

    @Test(arguments: [Compression.none, .zstd(level: 1)])
    func everyTruncationAndExtensionIsFound(_ compression: Compression) throws {
        let whole = try bytes(compression)
        for length in 0..<whole.count { #expect(try contents(Array(whole.prefix(length))) == nil, "\(length) bytes") }
        #expect(try contents(whole + [0]) == nil)
    }

    /// Whoever writes a file also writes its checksums: an index with any bit changed, and a root that fits it.
    @Test(arguments: [Compression.none, .zstd(level: 1)])
    func aForgedIndexDoesNotCrash(_ compression: Compression) throws {
        let whole = try bytes(compression)
        let head = try whole.withUnsafeBytes { try FileHead(Span(_unsafeBytes: $0)) }
        for offset in head.index {
            for bit in 0..<8 {
                var changed = whole
                changed[offset] ^= 1 << UInt8(bit)
                let root = Digest(of: Array(changed[head.index]))
                changed.replaceSubrange(0..<FileHead.byteCount, with: FileHead(index: head.index, root: root).bytes)
                _ = try contents(changed)
                _ = try damages(changed)
            }
        }
    }

    @Test func everythingDamagedIsListed() throws {
        var whole = try bytes(.none)
        let file = try ModelFile(directory.path("whole"))
        let places = [0, 2, 3].map { file.tensors[$0].chunks[0].range.lowerBound }
        for place in places { whole[place] ^= 1 }
        whole[places[0] + 4] = 1
        let found = try #require(try damages(whole))
        #expect(found.map(\.tensor) == ["words.scalar", nil, "words.noise", "words.text"])
        #expect(found.map(\.chunk) == [0, nil, 0, 0])
    }

    @Test func aWrongDigestIsFoundByDecoding() throws {
        var whole = try bytes(.zstd(level: 1))
        let head = try whole.withUnsafeBytes { try FileHead(Span(_unsafeBytes: $0)) }
        let digest = try ModelFile(directory.path("whole")).tensors[3].digest.bytes
        let place = try #require(whole.firstRange(of: digest)).lowerBound
        whole[place] ^= 1
        let root = Digest(of: Array(whole[head.index]))
        whole.replaceSubrange(0..<FileHead.byteCount, with: FileHead(index: head.index, root: root).bytes)
        #expect(try damages(whole) == [])
        let file = try ModelFile(directory.path("damaged"))
        #expect(try file.damages(decoding: true).map(\.tensor) == ["words.text"])
    }

    /// A layout of whole numbers says how many bytes it takes, and what it cannot hold.
    @Test func aLayoutThatDoesNotFitIsRefused() throws {
        for layout in ["int8-rows", "int4-rows"] {
            var whole = try bytes(.none)
            let head = try whole.withUnsafeBytes { try FileHead(Span(_unsafeBytes: $0)) }
            var index = Array(whole[head.index])
            let place = try #require(index.firstRange(of: Array("float32\u{5}\0\0\0plain".utf8)))
            index.replaceSubrange(
                place, with: Array("float32".utf8) + [UInt8(layout.utf8.count), 0, 0, 0] + Array(layout.utf8))
            whole.removeLast(head.index.count)
            let range = whole.count..<whole.count + index.count
            whole.replaceSubrange(
                0..<FileHead.byteCount, with: FileHead(index: range, root: Digest(of: index)).bytes)
            let path = directory.path("damaged")
            try Data(whole + index).write(to: URL(filePath: path))
            let error = #expect(throws: DalleError.self) { try ModelFile(path) }
            #expect(error?.code == .badData && error?.item?.hasPrefix("words.") == true, "\(String(describing: error))")
        }
    }

    @Test func packedShapesAreBounded() throws {
        #expect(throws: DalleError.self) { try PackedRows(.int8, [1 << 58, 1]) }
        #expect(throws: DalleError.self) { try PackedRows(.int4, [1 << 59, 1]) }
        for shape in [[], [4], [0, 4], [4, 0]] as [Shape] {
            #expect(throws: DalleError.self) { try PackedRows(.int8, shape) }
        }
        #expect(try PackedRows(.int8, [3, 65]).byteCount == 3 * 128 + 12)
        #expect(try PackedRows(.int4, [3, 65]).byteCount == 256 + 12)
    }

    /// A layout of a later version: its tensor alone is refused.
    @Test func anUnknownLayoutIsRefusedByName() throws {
        var whole = try bytes(.none)
        let head = try whole.withUnsafeBytes { try FileHead(Span(_unsafeBytes: $0)) }
        let place = try #require(whole.firstRange(of: Array("float32\u{5}\0\0\0plain".utf8))).upperBound
        whole.replaceSubrange(place - 5..<place, with: Array("tiles".utf8))
        let root = Digest(of: Array(whole[head.index]))
        whole.replaceSubrange(0..<FileHead.byteCount, with: FileHead(index: head.index, root: root).bytes)
        #expect(try damages(whole) == [])
        let file = try ModelFile(directory.path("damaged"))
        #expect(try file.damages(decoding: true) == [])
        #expect(file.descriptor("words.scalar")?.layout.description == "tiles 1")
        let error = #expect(throws: DalleError.self) { try file.bytes(of: "words.scalar") }
        #expect(error?.message.contains("tiles") == true && error?.item == "words.scalar")
        #expect(error?.remedy?.contains("quantise the original again") == true)
        #expect(try file.bytes(of: "words.noise").count == 60)
        // A copy needs no understanding.
        let copy = directory.path("copy")
        let writer = try ModelFileWriter(copy, replacing: true, threads: 1)
        for tensor in file.tensors { try writer.copy(tensor, from: file) }
        try writer.finish(metadata: file.metadata, components: file.components)
        #expect(try Data(contentsOf: URL(filePath: copy)) == Data(whole))
    }
}
