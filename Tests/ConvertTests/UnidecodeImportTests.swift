import DalleConvert
import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

/// The Python package's table, with made-up spellings in its syntax.
@Suite struct UnidecodeImportTests {
    private func spelling(_ table: CharacterTable, _ scalar: Unicode.Scalar) -> String {
        String(decoding: table.spelling(scalar), as: UTF8.self)
    }

    @Test func readsLiterals() throws {
        let (table, files) = try UnidecodeImport.table(Fixtures.path("text/unidecode"))
        #expect(files.map { $0.split(separator: "/").last } == ["x000.py", "x004.py", "xe00.py"])
        #expect(spelling(table, "\u{427}") == "<che \"q\">")
        #expect(spelling(table, "\u{443}") == "it's")
        #expect(spelling(table, "\u{430}") == "AA\\")
        #expect(spelling(table, "\u{431}") == "\n")
        #expect(spelling(table, "\u{E0001}") == "x" && spelling(table, "\u{E0002}") == "")
        // No private character, none of a section that is missing.
        for scalar in ["\u{F0000}", "é", "\u{426}", "\u{1F431}"] as [Unicode.Scalar] {
            #expect(spelling(table, scalar) == "")
        }
        #expect(table.count == 6)
    }

    @Test func theDirectoryAboveIsTheSame() throws {
        #expect(
            try UnidecodeImport.table(Fixtures.path("text")).table
                == UnidecodeImport.table(Fixtures.path("text/unidecode")).table)
    }

    private func table(_ text: String) throws -> CharacterTable {
        let directory = try TemporaryDirectory()
        try Data(text.utf8).write(to: directory.url.appending(path: "x001.py"))
        return try UnidecodeImport.table(directory.path(".")).table
    }

    @Test(arguments: [
        ("data = ()", []), ("data=('a',)", ["a"]),
        ("# x\n\n data = ( # y\r\n 'a' , \"b\\\"'\" # z ' \n,None)\n# end", ["a", "b\"'"]),
        ("data = ('\\101\\7\\t\\u0042', '')", ["A\u{7}\tB"]),
    ])
    func understands(_ text: String, _ expected: [String]) throws {
        let table = try table(text)
        #expect(
            (UInt32(0x100)..<0x103).compactMap { Unicode.Scalar($0) }.map { spelling(table, $0) } == expected
                + [String](repeating: "", count: 3 - expected.count))
    }

    @Test(arguments: [
        ("", 0), ("data = ('a'", 11), ("data = ('a", 10), ("data = ('a' 'b',)", 12), ("data = ('a')", 11),
        ("data = [1]", 7),
        ("data = (1,)", 8), ("data = (f('a'),)", 8), ("data = ('é',)", 9), ("data = ('\\xe9',)", 13),
        ("data = ('\\q',)", 10),
        ("data = ('a\nb',)", 10), ("data = ('a',)\nimport os", 14), ("import os\ndata = ()", 0), ("data = (f'a',)", 8),
        ("data = ('\\N{BULLET}',)", 10), ("data = (None + None,)", 13), ("data = ('a',,)", 12), ("dat", 3),
    ])
    func refuses(_ text: String, _ offset: Int) throws {
        let error = try #require(throws: DalleError.self) { try table(text) }
        #expect(error.code == .badData && error.file?.hasSuffix("x001.py") == true && error.remedy != nil)
        #expect(error.offset == offset, "\(error)")
    }

    @Test func boundsSizes() throws {
        #expect(try table("data = (" + String(repeating: "'a',", count: 256) + ")").count == 256)
        for text in [
            "data = (" + String(repeating: "'a',", count: 257) + ")",
            "data = ('" + String(repeating: "a", count: 1025) + "',)",
            "data = ()" + String(repeating: " ", count: 1 << 20), "data = ('\\x00',)",
        ] {
            #expect(try #require(throws: DalleError.self) { try table(text) }.code == .badData)
        }
    }

    @Test func aDirectoryWithoutTableIsNamed() throws {
        for directory in ["flax", "nothing"] {
            let error = try #require(throws: DalleError.self) { try UnidecodeImport.table(Fixtures.path(directory)) }
            #expect(error.code == .missingInput && error.remedy != nil)
        }
    }

    @Test func aModelFileKeepsIt() throws {
        let table = try UnidecodeImport.table(Fixtures.path("text/unidecode")).table
        let directory = try TemporaryDirectory()
        let path = directory.path("table.dalle")
        func write(_ source: BytesSource) throws -> ModelFile {
            let writer = try ModelFileWriter(path, replacing: true, threads: 1)
            try writer.add(CharacterTable.tensorName, source, compression: .none)
            try writer.finish(metadata: MetadataMap(), components: [CharacterTable.component])
            return try ModelFile(path)
        }
        #expect(try CharacterTable(write(table.tensor())) == table)
        let section: [UInt8] = [4, 0] + [UInt8](repeating: 0, count: 256)
        #expect(try CharacterTable(write(BytesSource(section)))?.count == 0)
        for bytes in [[4], Array(section.dropLast()), section + section, [5, 0] + section.dropFirst(2) + section]
            as [[UInt8]]
        {
            let error = try #require(throws: DalleError.self) { try CharacterTable(write(BytesSource(bytes))) }
            #expect(error.code == .badData && error.item == CharacterTable.tensorName, "\(error)")
        }
    }
}
