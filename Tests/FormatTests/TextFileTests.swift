import DalleFormat
import Foundation
import TestSupport
import Testing

/// Texts as the programs of all systems save them.
@Suite struct TextFileTests {
    private static let text = "ein Fuchs 🦊\nжёлтый круг\n猫\n"

    private static func encoded(_ encoding: String.Encoding, _ mark: [UInt8], _ text: String = text) -> [UInt8] {
        mark + [UInt8](text.data(using: encoding) ?? Data())
    }

    @Test(arguments: [
        encoded(.utf8, []), encoded(.utf8, [0xEF, 0xBB, 0xBF]), encoded(.utf16LittleEndian, [0xFF, 0xFE]),
        encoded(.utf16BigEndian, [0xFE, 0xFF]), encoded(.utf32LittleEndian, [0xFF, 0xFE, 0, 0]),
        encoded(.utf32BigEndian, [0, 0, 0xFE, 0xFF]),
        encoded(.utf16LittleEndian, [0xFF, 0xFE], text.replacing("\n", with: "\r\n")),
        encoded(.utf8, [], text.replacing("\n", with: "\r\n")), encoded(.utf8, [], text.replacing("\n", with: "\r")),
    ])
    func marksAndLineEndsDoNotMatter(_ bytes: [UInt8]) throws {
        #expect(try TextFile.text(of: bytes) == Self.text)
        let directory = try TemporaryDirectory()
        try Data(bytes).write(to: directory.url.appending(path: "a.txt"))
        #expect(try TextFile.read(directory.path("a.txt"), atMost: 1000) == Self.text)
        #expect(try TextFile.stream(directory.path("a.txt"), atMost: 1000) == Self.text)
    }

    @Test func onlyTheFirstMarkIsOne() throws {
        #expect(try TextFile.text(of: encodedMarks) == "\u{FEFF}a\u{FEFF}")
        #expect(try TextFile.text(of: []) == "" && TextFile.text(of: [0xFF, 0xFE]) == "")
    }

    private var encodedMarks: [UInt8] { Array("\u{FEFF}\u{FEFF}a\u{FEFF}".utf8) }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0x62, 0x0D, 0x0A, 0xE9, 0x0A], "line 3 is not UTF-8 text"),
            ([0x61, 0x0D, 0x62, 0x0D, 0xC3], "line 3 is not UTF-8 text"),
            // Half a pair of surrogates; half a unit; a text of UTF-16 without its mark.
            ([0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x00, 0xD8], "line 2 is not UTF-16 text"),
            ([0xFF, 0xFE, 0x61, 0, 0x0A], "line 1 is not UTF-8 text"),
            ([0x61, 0, 0x0A, 0], "line 1 is not UTF-8 text"),
            ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x0A, 0, 0x11, 0, 0], "line 2 is not UTF-32 text"),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D], "is no text: it is a PNG picture"),
        ] as [([UInt8], String)])
    func whatIsNoTextIsRefusedWithItsLine(_ bytes: [UInt8], _ message: String) throws {
        let error = try #require(throws: DalleError.self) { try TextFile.text(of: bytes) }
        #expect(error.code == .badData && error.message.contains(message), "\(error)")
    }

    @Test func sizesAndKindsAreBounded() throws {
        let directory = try TemporaryDirectory()
        try Data(repeating: 0x61, count: 11).write(to: directory.url.appending(path: "a.txt"))
        func read(_ path: String, _ most: Int, streaming: Bool) throws -> String {
            try streaming ? TextFile.stream(path, atMost: most) : TextFile.read(path, atMost: most)
        }
        for streaming in [false, true] {
            let path = directory.path("a.txt")
            let error = try #require(throws: DalleError.self) { try read(path, 10, streaming: streaming) }
            #expect(error.code == .badData && error.file == path, "\(error)")
            #expect(try read(path, 11, streaming: streaming).count == 11)
            for path in [directory.url.path, directory.path("nothing")] {
                let error = try #require(throws: DalleError.self) { try read(path, 10, streaming: streaming) }
                #expect(error.code == .missingInput && error.file == path, "\(error)")
            }
        }
        // What never ends, and what is not waited for.
        #expect(throws: DalleError.self) { try TextFile.stream("/dev/zero", atMost: 1 << 20) }
        #expect(mkfifo(directory.path("pipe"), 0o600) == 0)
        #expect(throws: DalleError.self) { try TextFile.read(directory.path("pipe"), atMost: 10) }
    }
}
