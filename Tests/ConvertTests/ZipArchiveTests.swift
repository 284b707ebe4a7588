import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct ZipArchiveTests {
    private static let content = Array("sixteen bytes...".utf8)

    private func archive(_ change: (inout ZipBuilder) -> Void = { _ in }) -> ZipBuilder {
        var builder = ZipBuilder()
        builder.members = [.init("a/one", Self.content), .init("a/two", Self.content.reversed())]
        change(&builder)
        return builder
    }

    @Test func readsStoredMembers() throws {
        let archive = try archive().open()
        #expect(archive.members.map(\.name) == ["a/one", "a/two"])
        let two = try #require(archive["a/two"])
        let range = try archive.storedRange(of: two)
        #expect(archive.file.withUnsafeBytes(range) { Array($0) } == Self.content.reversed())
        try archive.verify(two)
        #expect(try archive.content(of: two, atMost: 16) == Self.content.reversed())
        #expect(archive["one"] == nil)
    }

    @Test func readsWhatPyTorchDoes() throws {
        // Padding in the local header only, data descriptors, 64-bit records at both places.
        let archive = try archive {
            $0.members[0].localExtra = 37
            $0.members[1].flags = 0x0808
            $0.members[1].isWide = true
            $0.hasWideEnd = true
            $0.comment = "PK\u{5}\u{6} within a comment"
        }.open()
        for member in archive.members { try archive.verify(member) }
        #expect(archive.members.map(\.byteCount) == [16, 16])
    }

    @Test(arguments: ["tricky_zip.pt", "vqgan_small_f16.ckpt", "hostile/ok_control.pt"])
    func membersOfGenuineFilesAreWhole(_ name: String) throws {
        let archive = try ZipArchive(try MappedFile(Fixtures.path("torch/\(name)")))
        #expect(archive.members.count >= 4)
        for member in archive.members { try archive.verify(member) }
    }

    @Test func storagesOfPyTorchAreAligned() throws {
        let archive = try ZipArchive(try MappedFile(Fixtures.path("torch/vqgan_small_f16.ckpt")))
        for member in archive.members { #expect(try archive.storedRange(of: member).lowerBound % 64 == 0) }
    }

    @Test func inflates() throws {
        let archive = try ZipArchive(try MappedFile(Fixtures.path("torch/deflated.npz")))
        #expect(archive.members.map(\.method) == [.deflated, .deflated])
        let ramp = try NumpyArchive("torch/deflated.npz").array("ramp")
        #expect(ramp.shape == [40, 25])
        #expect(ramp.values == (0..<1000).map { Double($0) / 8 })
        #expect(try NumpyArchive("torch/deflated.npz").array("zeros").values == [Double](repeating: 0, count: 20000))
    }

    @Test func refusesToInflateBeyondTheBound() throws {
        let archive = try ZipArchive(try MappedFile(Fixtures.path("torch/deflated.npz")))
        let ramp = try #require(archive["ramp.npy"])
        let error = try dalleError { try archive.content(of: ramp, atMost: ramp.byteCount - 1) }
        #expect(error.code == .badData)
        #expect(error.message.contains("at most 4127"))
        #expect(try dalleError { try archive.storedRange(of: ramp) }.message.contains("is compressed"))
    }

    @Test func refusesDamageInsideCompressedData() throws {
        // Deflate's stored block: whole, then longer and shorter than declared.
        let stream: [UInt8] = [1, 16, 0, 0xEF, 0xFF] + Self.content
        func member(_ change: (inout ZipBuilder.Member) -> Void) throws -> [UInt8] {
            let archive = try archive {
                $0.members[0].method = 8
                $0.members[0].stored = stream
                change(&$0.members[0])
            }.open()
            return try archive.content(of: archive.members[0], atMost: 1 << 20)
        }
        #expect(try member { _ in } == Self.content)
        try dalleError { try member { $0.declaredByteCount = 15 } }
        try dalleError { try member { $0.declaredByteCount = 17 } }
        try dalleError { try member { $0.stored = Array(stream.dropLast()) } }
        try dalleError { try member { $0.stored = stream + [0] } }
        try dalleError { try member { $0.checksum = 1 } }
        let lie = try dalleError { try member { $0.declaredByteCount = 1 << 20 } }
        #expect(lie.message.contains("declares 1048576 bytes in 21"))
        #expect(try dalleError { try member { $0.method = 12 } }.message == "is compressed by method 12")
    }

    private static func deflated(_ content: [UInt8]) throws -> ZipArchive {
        // Deflate's stored blocks, of 65535 bytes at most.
        var stream: [UInt8] = []
        for start in stride(from: 0, to: content.count, by: 65535) {
            let part = content[start..<min(start + 65535, content.count)]
            let count = UInt16(part.count)
            stream.append(part.endIndex == content.count ? 1 : 0)
            stream += [count, ~count].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
            stream += part
        }
        var builder = ZipBuilder(members: [.init("a/one", content)])
        builder.members[0].method = 8
        builder.members[0].stored = stream
        return try builder.open()
    }

    @Test(arguments: [1, 1 << 20, 1 << 20 + 1, 5_000_001])
    func inflatesElsewhere(_ count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 17) }
        let archive = try Self.deflated(content)
        let (file, range) = try archive.bytes(of: archive.members[0])
        #expect(range == 0..<count)
        #expect(file.withUnsafeBytes(range) { $0.elementsEqual(content) })
    }

    @Test func refusesWhatNoWeightsDeflateTo() throws {
        func error(_ stored: Int, _ declared: Int) throws -> DalleError {
            var builder = ZipBuilder(members: [.init("a/one", [])])
            builder.members[0].method = 8
            builder.members[0].stored = [UInt8](repeating: 0, count: stored)
            builder.members[0].declaredByteCount = declared
            let archive = try builder.open()
            return try dalleError { try archive.bytes(of: archive.members[0]) }
        }
        #expect(try error(1000, 1_032_001).message.contains("expected at most 1032000"))
        #expect(try error(1 << 20, 300 << 20).message.contains("which no weights deflate to"))
        // That may be: it is the stream that is none.
        #expect(try error(1 << 20, 256 << 20).message.contains("compressed data is damaged"))
        #expect(try error(8 << 20, 300 << 20).message.contains("compressed data is damaged"))
    }

    @Test func checksumsMayAllBeOff() throws {
        let builder = archive { ($0.members[0].checksum, $0.members[1].checksum) = (0, 0) }
        let directory = try TemporaryDirectory()
        func open(_ bytes: [UInt8], _ mayBeOff: Bool) throws -> ZipArchive {
            try Data(bytes).write(to: directory.url.appending(path: "a.zip"))
            return try ZipArchive(try MappedFile(directory.path("a.zip")), checksumsMayBeOff: mayBeOff)
        }
        let off = try open(builder.bytes, true)
        for member in off.members { try off.verify(member) }
        let on = try open(builder.bytes, false)
        #expect(try dalleError { try on.verify(on.members[0]) }.message.contains("instead of 0"))
        // One that is 0 beside another is wrong.
        let one = try open(archive { $0.members[0].checksum = 0 }.bytes, true)
        #expect(try dalleError { try one.verify(one.members[0]) }.message.contains("instead of 0"))
    }

    @Test func refusesWrongChecksum() throws {
        let archive = try archive { $0.members[0].checksum = 7 }.open()
        let error = try dalleError { try archive.verify(archive.members[0]) }
        #expect(error.message.contains("instead of 7"))
        #expect(error.item == "a/one")
        try archive.verify(archive.members[1])
    }

    private static let damages: [(String, @Sendable (inout ZipBuilder) -> Void)] = [
        ("is there twice", { $0.members[1].name = "a/one" }),
        ("differ", { $0.members[1].localName = "a/too" }),
        ("is encrypted", { $0.members[1].flags = 1 }),
        ("is stored in 16 bytes and has 17", { $0.members[1].declaredByteCount = 17 }),
        ("leads out of the archive", { $0.members[1].name = "../two" }),
        ("leads out of the archive", { $0.members[1].name = "/two" }),
        ("leads out of the archive", { $0.members[1].name = "a\\two" }),
        ("is empty or has control characters", { $0.members[1].name = "" }),
        ("is empty or has control characters", { $0.members[1].name = "a/\u{1B}[2J" }),
        ("a 64-bit size is missing", { ($0.members[1].isWide, $0.members[1].wideFieldKind) = (true, 2) }),
        ("a directory of 60000 members", { $0.declaredEntryCount = 60000 }),
        ("the directory ends here", { $0.declaredEntryCount = 1 }),
        ("no directory entry", { $0.directoryOffset = 3 }),
        ("two end records of the archive differ", { ($0.hasWideEnd, $0.narrowOffset) = (true, 7) }),
        ("one part of several", { ($0.hasWideEnd, $0.entryCountHere) = (true, 1) }),
        ("no member starts", { $0.members[1].headerOffset = 5 }),
        ("outside", { $0.members[1].headerOffset = 1 << 20 }),
        ("bytes from byte 1073741824", { $0.directoryOffset = 1 << 30 }),
    ]

    @Test(arguments: damages)
    func refuses(_ message: String, _ change: @Sendable (inout ZipBuilder) -> Void) throws {
        let error = try dalleError { try archive(change).open() }
        #expect(error.code == .badData)
        #expect(error.message.contains(message))
        #expect(error.file?.hasSuffix("a.zip") == true)
    }

    @Test func refusesMembersInsideOthers() throws {
        let alone = ZipBuilder(members: [.init("a/two", Self.content)]).bytes
        var builder = archive()
        let header = 30 + "a/one".utf8.count
        builder.members[0].content = Array(alone.prefix(header + Self.content.count))
        builder.members[1].headerOffset = header
        #expect(try dalleError { try builder.open() }.message == "overlaps another member")
    }

    @Test func refusesACutOffArchive() throws {
        let bytes = archive().bytes
        let directory = try TemporaryDirectory()
        for count in 0..<bytes.count {
            try Data(bytes.prefix(count)).write(to: directory.url.appending(path: "cut.zip"))
            let error = try dalleError { try ZipArchive(try MappedFile(directory.path("cut.zip"))) }
            #expect(error.remedy?.contains("cut off") == true)
        }
    }
}
