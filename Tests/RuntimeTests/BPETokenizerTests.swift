import DalleConvert
import DalleFormat
import DalleRuntime
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
}
