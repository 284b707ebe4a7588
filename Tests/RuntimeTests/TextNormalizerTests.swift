import DalleConvert
import DalleFormat
import DalleModels
import DalleRuntime
import DalleText
import Foundation
import TestSupport
import Testing

/// Against captions normalised by dalle-mini and its libraries.
@Suite struct TextNormalizerTests {
    struct Cases: Decodable {
        struct Case: Decodable {
            let input: String
            let output: String
            let afterLibraries: String?

            enum CodingKeys: String, CodingKey {
                case input = "in", output = "out", afterLibraries = "after_libraries"
            }
        }

        let cases: [Case]
    }

    let normalizer: TextNormalizer
    let cases: [Cases.Case]

    init() throws {
        normalizer = TextNormalizer(
            words: try Self.words(WordFrequencyImport.read(Fixtures.path("text/standin-words-frequency.txt"))))
        cases = try JSONDecoder().decode(Cases.self, from: Fixtures.data("text/normalizer_cases.json")).cases
    }

    private static func words(_ list: BytesSource) throws -> WordList {
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("words.dalle"), replacing: false, threads: 1)
        try writer.add(WordList.tensorName, list, compression: .zstd(level: 3))
        try writer.finish(metadata: MetadataMap(), components: [WordList.component])
        return try #require(try WordList(ModelFile(directory.path("words.dalle"))))
    }

    @Test func rules() throws {
        #expect(cases.count > 250)
        for item in cases {
            let text = item.afterLibraries ?? item.input
            #expect(try normalizer.applyRules(to: text) == item.output, "\(text.debugDescription)")
        }
    }

    @Test func plainCaptions() throws {
        let plain = cases.filter { $0.input.utf8.allSatisfy { $0 < 0x80 } }
        #expect(plain.count > 200)
        for item in plain {
            #expect(try normalizer.normalize(item.input) == item.output, "\(item.input.debugDescription)")
        }
    }

    @Test(arguments: ["normalizer_cases", "script_cases"])
    func foreignCaptions(_ name: String) throws {
        let cases = try JSONDecoder().decode(Cases.self, from: Fixtures.data("text/\(name).json")).cases
        let foreign = cases.filter { !$0.input.utf8.allSatisfy { $0 < 0x80 } }
        #expect(foreign.count > 50)
        for item in foreign {
            #expect(try normalizer.normalize(item.input) == item.output, "\(item.input.debugDescription)")
        }
    }

    @Test func hashtagsWithoutWordList() throws {
        let normalizer = TextNormalizer(words: nil)
        #expect(try normalizer.normalize("#sunsetbeach at #cat_dog #2022 # x") == " sunsetbeach at cat dog 2022 x")
    }

    @Test func laterRankOfAWordCounts() throws {
        // "ab" is cheap at its first place and too dear at its last.
        let text = "ab\na\nb\n" + String(repeating: "z\n", count: 100) + "ab"
        let normalizer = TextNormalizer(words: try Self.words(BytesSource(Array(text.utf8))))
        #expect(try normalizer.normalize("#ab") == " a b")
        let once = TextNormalizer(words: try Self.words(BytesSource(Array("ab\na\nb".utf8))))
        #expect(try once.normalize("#ab") == " ab")
    }

    @Test func damagedWordListIsNamed() throws {
        let directory = try TemporaryDirectory()
        let writer = try ModelFileWriter(directory.path("words.dalle"), replacing: false, threads: 1)
        try writer.add(WordList.tensorName, try BytesSource([1, 2], shape: [2]), compression: .none)
        try writer.finish(metadata: MetadataMap(), components: [WordList.component])
        let error = try #require(throws: DalleError.self) { try WordList(ModelFile(directory.path("words.dalle"))) }
        #expect(error.item == WordList.tensorName)
    }

    /// Prompts made to keep a careless program busy.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "a", "ab", "#abc1", "#a", "<", "<a", "<person>", "<person>,and ", "[1", "http", "'", "\" ", ", ", "1,000",
            "a.b",
            "&", "&#", "amp;", "&amp;", "é", "é\u{301}", "Ã", "Ã ", "â€™", "\u{85}é", "👨\u{200D}", "🇫", "漢字", "\u{1B}[",
        ])
    func longPrompts(_ piece: String) throws {
        let text = "&" + String(repeating: piece, count: 50_000 / piece.unicodeScalars.count)
        #expect(try normalizer.normalize(text).first == " ")
    }
}
