import DalleConvert
import DalleFormat
import Foundation
import TestSupport
import Testing

@Suite struct WordFrequencyImportTests {
    private func words(_ text: String) throws -> String {
        let directory = try TemporaryDirectory()
        try Data(text.utf8).write(to: directory.url.appending(path: "words.txt"))
        let source = try WordFrequencyImport.read(directory.path("words.txt"))
        #expect(source.dtype == .uint8)
        var bytes = [UInt8](repeating: 0, count: source.shape.count)
        try bytes.withUnsafeMutableBytes { try source.read(0..<$0.count, into: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("the 9\nof 5\n", "the\nof"), ("the 9\r\nof 5", "the\nof"), ("  the\t9 x\nof\n", "the\nof"),
        ("é 3\nthe", "é\nthe"),
        ("a 3\nb 2\na 1\n", "a\nb\na"), ("one", "one"), ("\u{FEFF}the 9\rof 5\r", "the\nof"),
    ])
    func takesFirstFields(_ text: String, _ expected: String) throws {
        #expect(try words(text) == expected)
    }

    @Test(
        arguments: [("", nil), ("a 1\n\nb 2\n", 4), ("a 1\n \n", 4), ("a\n\u{0}\u{1}b 2\n", nil)] as [(String, Int?)])
    func refuses(_ text: String, _ offset: Int?) throws {
        let error = try #require(throws: DalleError.self) { try words(text) }
        #expect(error.code == .badData)
        #expect(error.file?.hasSuffix("words.txt") == true)
        #expect(error.offset == offset)
        #expect(error.remedy != nil)
    }

    @Test func refusesEndlessLine() throws {
        #expect(throws: DalleError.self) { try words(String(repeating: "x", count: 5000)) }
    }
}
