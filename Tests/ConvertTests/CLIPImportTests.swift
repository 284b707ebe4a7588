import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct CLIPImportTests {
    private func configuration(_ name: String) throws -> CLIPConfiguration {
        let parts = try CLIPImport.read(
            Fixtures.path("torch/\(name)"), function: .init(activation: .quickGELU, headWidth: 64))
        return try CLIPConfiguration(parts[0].component.configuration)
    }

    @Test func shapesTellTheSizesOfOpenAIsModels() throws {
        let transformer = try configuration("clip_vit_jit.pt")
        let tower = CLIPConfiguration.Tower(
            width: 128, layers: 1, heads: 2, feedForwardWidth: 512, activation: .quickGELU)
        #expect(transformer.vision == .transformer(tower, patchSize: 8))
        #expect(transformer.imageSize == 32 && transformer.contextLength == 16 && transformer.vocabulary == 200)
        #expect(transformer.text.heads == 1 && transformer.text.layers == 2 && transformer.poolingToken == nil)
        let network = try configuration("clip_rn_state_dict.pt")
        #expect(network.vision == .residual(.init(width: 4, blocks: [1, 2, 1, 1], heads: 2)))
        #expect(network.imageSize == 64 && network.projectionWidth == 48)
    }

    /// Half precision stays what it was in the archive, number by number; counters are left out and said.
    @Test func nothingIsLostFromAnArchive() throws {
        let part = try CLIPImport.read(
            Fixtures.path("torch/clip_rn_state_dict.pt"), function: .init(activation: .quickGELU, headWidth: 64))[0]
        let types = Set(part.tensors.map(\.source.dtype))
        #expect(types == [.float16, .float32])
        #expect(part.leftOut.contains("visual.bn1: 1 tensor"))
        let tensors = try Checkpoint(Fixtures.path("torch/clip_rn_state_dict.pt")).tensors
        let taken = tensors.values.reduce(0) { $0 + ($1.dtype.isFloatingPoint ? $1.shape.count : 0) }
        #expect(part.tensors.reduce(0) { $0 + $1.source.shape.count } == taken)
    }

    /// A list of pairs in OpenAI's form gives the tokenizer that Hugging Face's files of the same pairs give.
    @Test(arguments: [false, true])
    func openAIsListOfPairsIsRead(compressed: Bool) throws {
        let directory = try TemporaryDirectory()
        let pairs = ["a t</w>", "t h", "th e</w>", "c at</w>", "d o", "do g</w>"]
        let list = "\"bpe_simple_vocab_16e6.txt#version: 0.2\n" + pairs.joined(separator: "\n") + "\nun used\n"
        var path = directory.path("pairs.txt")
        try list.write(toFile: path, atomically: true, encoding: .utf8)
        if compressed {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "gzip -k '\(path)'"]
            try process.run()
            process.waitUntilExit()
            path += ".gz"
        }
        let found = try #require(
            try CLIPTokenizerImport.read(directory: directory.url.path, vocabulary: path, embedded: 512 + 6 + 2))
        // The same as vocab.json and merges.txt.
        let letters = ByteAlphabet.letters.map { String($0) }
        let tokens =
            letters + letters.map { $0 + "</w>" } + pairs.map { $0.replacingOccurrences(of: " ", with: "") }
            + ["<|startoftext|>", "<|endoftext|>"]
        let vocabulary = Dictionary(uniqueKeysWithValues: zip(tokens, 0...))
        try JSONSerialization.data(withJSONObject: vocabulary).write(to: directory.url.appending(path: "vocab.json"))
        try ("#version: 0.2\n" + pairs.joined(separator: "\n") + "\n").write(
            toFile: directory.path("merges.txt"), atomically: true, encoding: .utf8)
        let expected = try #require(try CLIPTokenizerImport.read(directory: directory.url.path, embedded: 520))
        #expect(found.component == expected.component)
        for (a, b) in zip(found.tensors, expected.tensors) {
            #expect(a.name == b.name && a.source.shape == b.source.shape)
            var bytes = [[UInt8]](
                repeating: [UInt8](repeating: 0, count: a.source.shape.byteCount(a.source.dtype)), count: 2)
            for (i, source) in [a.source, b.source].enumerated() {
                try bytes[i].withUnsafeMutableBytes { try source.read(0..<source.shape.count, into: $0) }
            }
            #expect(bytes[0] == bytes[1], "\(a.name)")
        }
        // The first letters are OpenAI's: ! is 0, and a space is not among the first 188.
        #expect(letters[0] == "!" && letters[187] == "ÿ" && letters[188] == "Ā")
        let error = try dalleError {
            try CLIPTokenizerImport.read(directory: directory.url.path, vocabulary: path, embedded: 49408)
        }
        #expect(error.message.contains("needs 48894"), "\(error)")
    }

    @Test func shardsOfSafetensorsAreRead() throws {
        let directory = try TemporaryDirectory()
        let source = Fixtures.path("torch/clip_vit_hf")
        for name in ["config.json", "model.safetensors"] {
            try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: directory.path(name))
        }
        let names = try SafetensorsFile(try MappedFile(directory.path("model.safetensors"))).tensors.keys
        try FileManager.default.moveItem(
            atPath: directory.path("model.safetensors"), toPath: directory.path("model-00001-of-00001.safetensors"))
        let map = Dictionary(uniqueKeysWithValues: names.map { ($0, "model-00001-of-00001.safetensors") })
        try JSONSerialization.data(withJSONObject: ["weight_map": map]).write(
            to: directory.url.appending(path: "model.safetensors.index.json"))
        let part = try CLIPImport.read(directory.url.path)[0]
        #expect(try part.component == CLIPImport.read(source)[0].component)
        #expect(part.files.count == 3)
    }

    @Test func otherModelsAreRefused() throws {
        let error = try dalleError { try CLIPImport.read(Fixtures.path("torch/tricky_zip.pt")) }
        #expect(error.code == .missingInput || error.code == .badData)
        let web = try dalleError { try CLIPImport.read(Fixtures.path("torch/hostile/README.txt")) }
        #expect(web.message.contains("no PyTorch checkpoint"), "\(web)")
    }
}
