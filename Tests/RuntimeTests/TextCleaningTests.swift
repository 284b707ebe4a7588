import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleRuntime
@testable import DalleText

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

    @Test func describesEmoji() { check(cases.emoji, atLeast: 350, Emoji.described) }

    /// Captions in many scripts, before the rules.
    @Test func spellsEveryScript() throws {
        struct Scripts: Decodable {
            struct Case: Decodable {
                let input: String
                let libraries: String

                enum CodingKeys: String, CodingKey {
                    case input = "in", libraries
                }
            }

            let cases: [Case]
        }
        let scripts = try JSONDecoder().decode(Scripts.self, from: Fixtures.data("text/script_cases.json"))
        #expect(scripts.cases.count >= 100)
        for item in scripts.cases {
            #expect(TextCleaning.ascii(item.input) == item.libraries, "\(item.input.debugDescription)")
        }
    }

    @Test(arguments: [
        ("Łódź, straße, Ærø, œuf, Þór, đ", "Lodz, strasse, AEro, oeuf, Thor, d"), ("Щука и ёлка", "Shchuka i iolka"),
        ("ψυχή", "psukhe"), ("你好", "Ni Hao "), ("ラーメン", "ra-men"), ("값", "gabs"), ("हिन्दी १२", "hindii 12"),
        ("น้ำ", "nam"), ("x⁴ ⅓ Ⅳ ㎏ ①", "x4  1/3  IV kg 1"), ("a\u{2009}b\u{AD}c\u{200B}d\u{2060}", "a bc d"),
        ("→ ⇒ ↑ ★ •", "- = |  *"), ("\u{E000}\u{10FFFF}\u{0301}", ""), ("\u{20BB7}", ""), ("ABC", "ABC"),
        // The letter's name ends in its spelling, or is the spelling less its vowel, or is listed.
        ("ᎦᏬᏂ ገ ꀀ", "gawoni ga it"), ("ক খা", "k khaa"), ("חתול", "Htvl"),
    ])
    func transliterates(_ text: String, _ expected: String) { #expect(Transliteration.ascii(text) == expected) }

    /// Onset, vowel and coda, each by its letters.
    @Test func koreanSyllablesAreTheirLetters() {
        for value in UInt32(0xAC00)...0xD7A3 {
            guard let syllable = Unicode.Scalar(value) else { continue }
            let letters = String(syllable).decomposedStringWithCanonicalMapping.unicodeScalars
            #expect(
                Transliteration.spelling(syllable) == letters.map(Transliteration.spelling).joined(),
                "\(syllable)")
        }
    }

    @Test func aTableSpellsInsteadOfTheRules() throws {
        let table = try CharacterTable(sections: [0x04: [[], Array("Q".utf8)], 0x1F4: []])
        #expect(table.count == 1)
        #expect(TextCleaning.ascii("\u{401}x\u{400}é🐱", table) == "Qx:cat_face:")
    }

    @Test func onlyRareCharactersAreUnsure() {
        // Whole alphabets, and characters that are in every newspaper.
        for range in [0xA0...0x24F, 0x370...0x4FF, 0x530...0x6FF, 0x900...0xDFF, 0x3041...0x30FF, 0xAC00...0xD7A3] {
            let text = String(String.UnicodeScalarView(range.compactMap { Unicode.Scalar(UInt32($0)) }))
            #expect(TextCleaning.unsureCharacters(text).isEmpty, "\(TextCleaning.unsureCharacters(text))")
        }
        #expect(TextCleaning.unsureCharacters("一只戴着帽子的狐狸 東京 🐱 \u{E000}").isEmpty)
        #expect(TextCleaning.unsureCharacters("a 仒 b 仒 猫 佪") == ["仒", "佪"])
    }

    @Test func everythingBecomesASCII() {
        for start in stride(from: UInt32(0x80), to: 0x2_FC00, by: 0x400) {
            let block = (start..<(start + 0x400)).compactMap { Unicode.Scalar($0) }
            #expect(Transliteration.ascii(String(String.UnicodeScalarView(block))).utf8.allSatisfy { $0 < 0x80 })
        }
    }
}
