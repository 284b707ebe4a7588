import DalleConvert
import DalleFormat
import DalleModels
import DalleRuntime
import DalleText
import Foundation
import TestSupport
import Testing

/// Against ids made by the tokenizers library.
@Suite struct BPETokenizerTests {
    struct Cases: Decodable {
        struct Case: Decodable {
            let text: String
            let ids: [Int]
            let cutOffAt16: [Int]?

            enum CodingKeys: String, CodingKey {
                case text, ids
                case cutOffAt16 = "ids_max16"
            }
        }

        struct Padded: Decodable {
            let texts: [String]
            let length: Int
            let ids: [[Int]]
            let mask: [[Int]]

            enum CodingKeys: String, CodingKey {
                case texts
                case length = "max_length", ids = "input_ids", mask = "attention_mask"
            }
        }

        struct Decoded: Decodable {
            let ids: [Int]
            let text: String
        }

        let cases: [Case]
        let padded: Padded
        let decoded: [Decoded]
    }

    let tokenizer: BPETokenizer
    let cases: Cases

    init() throws {
        let tables = try #require(try TokenizerImport.read(directory: Fixtures.path("text/tokenizer")))
        tokenizer = try BPETokenizer(tables)
        cases = try JSONDecoder().decode(Cases.self, from: Fixtures.data("text/tokenizer_cases.json"))
    }

    @Test func encodes() {
        #expect(cases.cases.count > 500)
        for item in cases.cases {
            #expect(tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
        }
    }

    @Test func cutsOff() {
        let long = cases.cases.filter { $0.cutOffAt16 != nil }
        #expect(long.count > 50)
        for item in long {
            #expect(tokenizer.encode(item.text, maximumLength: 16) == item.cutOffAt16, "\(item.text.debugDescription)")
        }
    }

    @Test func pads() {
        let padded = cases.padded
        for (index, text) in padded.texts.enumerated() {
            let result = tokenizer.encode(text, paddedTo: padded.length)
            #expect(result.ids == padded.ids[index])
            #expect(result.attentionMask == padded.mask[index])
        }
    }

    @Test func decodes() {
        for item in cases.decoded { #expect(tokenizer.decode(item.ids) == item.text) }
    }

    @Test func specialTokensInText() {
        #expect(tokenizer.encode("a \t\u{3000}<mask>") == [0, 69, 4, 2])
        #expect(tokenizer.encode("<mask> <mask><s> </s") == [0, 4, 4, 0, 225, 32, 19, 87, 2])
    }

    @Test func keepsWhatIsLeftOfTheLimit() {
        #expect(tokenizer.encode("a red fox", maximumLength: 2) == [0, 2])
        #expect(tokenizer.encode("<pad><pad><pad>", maximumLength: 4) == [0, 1, 1, 2])
        let full = tokenizer.encode("a red fox", paddedTo: 4)
        #expect(full.ids.count == 4 && full.ids.last == 2 && full.visible == 4)
    }

    @Test func decodesWhatItEncodes() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x1_1000, using: &random)) }
            let text = String(String.UnicodeScalarView(scalars))
            #expect(tokenizer.decode(tokenizer.encode(text)).unicodeScalars.elementsEqual(text.unicodeScalars))
        }
        #expect(tokenizer.decode([0, 5000, -1, 131, 2]) == "\u{FFFD}")
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["a", "the", " ", "é", "'s", "<mask>", "🐱"])
    func longTexts(_ piece: String) {
        let text = String(repeating: piece, count: 100_000 / piece.utf8.count)
        #expect(tokenizer.encode(text).count > 2)
        #expect(tokenizer.encode(text, maximumLength: 64).count <= 64)
    }
}
