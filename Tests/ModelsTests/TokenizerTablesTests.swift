import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

/// A tokenizer through a model file, and damaged ones.
@Suite struct TokenizerTablesTests {
    private static let special = 256

    /// All single bytes, one special token and two merges: "ab", "abc".
    private var tables: TokenizerTables {
        TokenizerTables(
            tokens: (0...UInt8.max).map { [$0] } + [Array("<s>".utf8), Array("ab".utf8), Array("abc".utf8)],
            merges: [
                TokenizerTables.Merge(left: 97, right: 98, result: 257),
                TokenizerTables.Merge(left: 257, right: 99, result: 258),
            ],
            specials: [TokenizerTables.Special(id: Self.special, text: "<s>", stripsLeft: true)],
            beginToken: Self.special, endToken: Self.special, padToken: 0)
    }

    private func file(
        _ tables: TokenizerTables, component: Component? = nil, replacing replaced: [String: BytesSource?] = [:]
    ) throws -> (ModelFile, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("t.dalle"), replacing: false, threads: 1)
        for (name, source) in try tables.tensors() {
            guard let source = replaced[name] ?? source else { continue }
            try writer.add(name, source, compression: .none)
        }
        try writer.finish(metadata: MetadataMap(), components: [component ?? tables.component])
        return (try ModelFile(directory.path("t.dalle")), directory)
    }

    @Test func roundTrip() throws {
        let (file, _) = try file(tables)
        #expect(try TokenizerTables(file) == tables)
    }

    @Test func absent() throws {
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("t.dalle"), replacing: false, threads: 1)
        try writer.finish(metadata: MetadataMap(), components: [])
        #expect(try TokenizerTables(ModelFile(directory.path("t.dalle"))) == nil)
    }

    @Test(
        arguments: [
            ("tokenizer.tokens", nil),
            ("tokenizer.token_ends", nil),
            ("tokenizer.merges", nil),
            ("tokenizer.tokens", [UInt32](repeating: 0, count: 3)),
            ("tokenizer.token_ends", []),
            ("tokenizer.token_ends", [1, 2]),
            ("tokenizer.token_ends", [2, 1]),
            ("tokenizer.token_ends", [0xFFFF_FFFF]),
            ("tokenizer.merges", [1, 2]),
            ("tokenizer.merges", [97, 98, 257]),
        ] as [(String, [UInt32]?)])
    func refusesTensor(_ name: String, _ values: [UInt32]?) throws {
        let source: BytesSource? = try values.map { try BytesSource($0, shape: Shape([$0.count])) }
        let (file, _) = try file(tables, replacing: [name: source])
        let error = try #require(throws: DalleError.self) { try TokenizerTables(file) }
        #expect(error.code == .badData)
        #expect(error.file == file.path)
        #expect(error.item == name, "\(error)")
    }

    @Test(
        arguments: [
            ("begin_token", .integer(259)), ("end_token", .integer(-1)), ("pad_token", .text("0")),
            ("begin_token", nil),
            ("special_tokens", nil), ("special_tokens", .list([1])), ("normalizer", .text("NFC")),
        ] as [(String, MetadataValue?)])
    func refusesConfiguration(_ name: String, _ value: MetadataValue?) throws {
        var configuration = tables.component.configuration
        configuration[name] = value
        let component = Component(name: "tokenizer", kind: .byteLevelBPE, configuration: configuration)
        let (file, _) = try file(tables, component: component)
        let error = try #require(throws: DalleError.self) { try TokenizerTables(file) }
        #expect(error.code == .badData)
        #expect(error.item == name, "\(error)")
    }

    @Test func refusesContradictions() {
        func refuses(_ what: Comment, _ change: (inout TokenizerTables) -> Void) {
            var tables = tables
            change(&tables)
            #expect(throws: DalleError.self, what) { try tables.validate() }
            #expect(throws: DalleError.self, what) { _ = try tables.tensors() }
        }
        refuses("an id outside") { $0.padToken = 259 }
        refuses("a merge of ids outside") { $0.merges[0] = TokenizerTables.Merge(left: 97, right: 98, result: 259) }
        refuses("a merge of ids outside") { $0.merges[0] = TokenizerTables.Merge(left: -1, right: 98, result: 257) }
        refuses("a merge into something else") {
            $0.merges[0] = TokenizerTables.Merge(left: 98, right: 97, result: 257)
        }
        refuses("a merge twice") { $0.merges.append($0.merges[0]) }
        refuses("a byte without token") { $0.tokens[65] = Array("AA".utf8) }
        refuses("a byte only as special token") {
            $0.specials.append(TokenizerTables.Special(id: 65, text: "A", stripsLeft: false))
        }
        refuses("a token twice") { $0.tokens.append([65]) }
        refuses("an empty special token") {
            $0.specials[0] = TokenizerTables.Special(id: 256, text: "", stripsLeft: false)
        }
        refuses("a special token twice") { $0.specials.append($0.specials[0]) }
    }
}
