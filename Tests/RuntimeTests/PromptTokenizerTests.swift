import DalleConvert
import DalleFormat
import DalleModels
import DalleRuntime
import DalleText
import DalleVerification
import Foundation
import TestSupport
import Testing

/// From the words of a prompt to the ids that upstream's processor gives the model.
@Suite struct PromptTokenizerTests {
    @Test(arguments: ["mega-like", "mini-like"])
    func idsAreUpstreams(_ variant: String) throws {
        let source = Fixtures.path("flax/checkpoints/\(variant)")
        let directory = try TemporaryDirectory()
        var request = DalleImport(.flax, source: source)
        request.wordFrequencies = Fixtures.path("text/standin-words-frequency.txt")
        let path = directory.path("model.dalle")
        _ = try ModelAssembly().write(try request.read(), to: path, step: "test")
        let file = try ModelFile(path)
        let component = try #require(try file.component(.dalleBart))
        let settings: BartConfiguration = try file.configuration(of: component)
        let tokenizer = try PromptTokenizer(
            file, vocabulary: settings.textVocabulary, length: settings.textLength,
            normalizes: settings.normalizesText)
        struct Expected: Decodable {
            let prompts: [String]
            let normalized: [String]
        }
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(filePath: "\(source)/expected.json")))
        let reference = try Reference("\(source)/expected.npz")
        let ids = try reference.array("input_ids_norm"), mask = try reference.array("attention_mask_norm")
        #expect(expected.prompts.count == 2)
        for (row, prompt) in expected.prompts.enumerated() {
            #expect(try tokenizer.normalized(prompt) == expected.normalized[row])
            let tokenized = try tokenizer(prompt)
            #expect(try tokenized.ids == ids.part(row).integers())
            #expect(try tokenized.attentionMask == mask.part(row).integers())
        }
        #expect(try tokenizer.unconditional.ids == reference.array("input_ids_uncond").part(0).integers())
        #expect(tokenizer.unconditional.visible == 2)
        // An empty prompt passes the normaliser, which makes a space of it: not the unconditional prompt.
        #expect(try tokenizer("").visible == 3)
    }

    @Test func wordsThatThereIsNoRoomForAreNamed() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("model.dalle")
        let request = DalleImport(.flax, source: Fixtures.path("flax/checkpoints/mini-like"))
        _ = try ModelAssembly().write(try request.read(), to: path, step: "test")
        let tables = try #require(try TokenizerTables(try ModelFile(path)))
        let tokenizer = try BPETokenizer(tables)
        let words = "an armchair in the shape of an avocado, extraordinarily comfortable".split(separator: " ")
        let text = " " + words.joined(separator: " ")
        let whole = tokenizer.encode(text)
        #expect(tokenizer.encode(text, paddedTo: whole.count).unseen == nil)
        for length in 2..<whole.count {
            let prompt = tokenizer.encode(text, paddedTo: length)
            let unseen = try #require(prompt.unseen).split(separator: " ")
            #expect(prompt.visible == length && words.suffix(unseen.count) == unseen[...], "\(length)")
            // What is seen whole, and at most one word in two pieces.
            let seen = tokenizer.decode(prompt.ids).split(separator: " ")
            #expect([words.count, words.count + 1].contains(seen.count + unseen.count), "\(length)")
            #expect(Array(words.prefix(words.count - unseen.count)) == Array(seen.prefix(words.count - unseen.count)))
        }
    }
}
