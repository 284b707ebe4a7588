import Foundation
import TestSupport
import Testing

@testable import DalleRuntime

/// Each step before the rules against the library it stands for.
@Suite struct TextCleaningTests {
    struct Cases: Decodable {
        struct Case: Decodable {
            let input: String
            let output: String

            enum CodingKeys: String, CodingKey {
                case input = "in", output = "out"
            }
        }

        let repair: [Case]
        let references: [Case]
        let emoji: [Case]
    }

    let cases: Cases

    init() throws {
        cases = try JSONDecoder().decode(Cases.self, from: Fixtures.data("text/library_cases.json"))
    }

    /// By scalars: String would take a letter for its decomposed form.
    private func check(_ cases: [Cases.Case], atLeast count: Int, _ step: (String) -> String) {
        #expect(cases.count >= count)
        for item in cases {
            let result = step(item.input)
            #expect(
                result.unicodeScalars.elementsEqual(item.output.unicodeScalars),
                "\(item.input.debugDescription): \(result.debugDescription), expected \(item.output.debugDescription)")
        }
    }

    @Test func repairsText() { check(cases.repair, atLeast: 350, TextRepair.repaired) }

    @Test func replacesReferences() { check(cases.references, atLeast: 90, HTMLEntities.unescaped) }

    @Test func describesEmoji() {
        // Case does not matter: the rules begin with small letters. Nor do joiners, which have no spelling.
        check(cases.emoji.map { Cases.Case(input: $0.input, output: $0.output.lowercased()) }, atLeast: 350) {
            Emoji.described($0).lowercased()
        }
    }

    @Test(arguments: [
        ("Łódź, straße, Ærø, œuf, Þór, đ", "Lodz, strasse, AEro, oeuf, THor, d"),
        ("Щука и ёлка", "shchuka i iolka"), ("ψυχή", "psukhe"), ("你好", "ni hao "), ("ラーメン", "ra-men"), ("값", "gabs"),
        ("हिन्दी १२", "hindii 12"), ("น้ำ", "nam"), ("x⁴ ⅓ Ⅳ ㎏ ①", "x4  1/3 IV kg 1"),
        ("a\u{2009}b\u{AD}c\u{200B}d\u{2060}", "a bc d"),
        ("→ ⇒ ↑ ★ •", "- = | * *"), ("\u{E000}\u{10FFFF}\u{0301}", ""), ("\u{20BB7}", ""), ("ABC", "ABC"),
    ])
    func transliterates(_ text: String, _ expected: String) { #expect(Transliteration.ascii(text) == expected) }

    @Test func everythingBecomesASCII() {
        for start in stride(from: UInt32(0x80), to: 0x1_F100, by: 0x400) {
            let block = (start..<(start + 0x400)).compactMap { Unicode.Scalar($0) }
            #expect(Transliteration.ascii(String(String.UnicodeScalarView(block))).utf8.allSatisfy { $0 < 0x80 })
        }
    }
}
