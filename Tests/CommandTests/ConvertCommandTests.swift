import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@Suite struct ConvertCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func convert(_ arguments: String...) throws -> Command {
        try Command("dalle-convert", arguments, in: directory.url)
    }

    private func copy(_ fixture: String, as name: String) throws -> String {
        try FileManager.default.copyItem(atPath: Fixtures.path(fixture), toPath: directory.path(name))
        return directory.path(name)
    }

    /// The files of a checkpoint in a directory of its own, to be spoilt.
    private func checkpoint() throws -> String { try copy("flax/checkpoints/mini-like", as: "mini") }

    private func edit(_ path: String, _ change: (inout String) -> Void) throws {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        change(&text)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Nothing but what was there, and an error of one line that holds `texts`.
    private func expectRefusal(
        _ command: Command, _ status: Int32, _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(command.status == status, "\(command.error)", sourceLocation: sourceLocation)
        #expect(command.error.hasPrefix("Error: "), "\(command.error)", sourceLocation: sourceLocation)
        #expect(command.error.split(separator: "\n").count <= 2, "\(command.error)", sourceLocation: sourceLocation)
        for text in texts {
            #expect(command.error.contains(text), "\(text) in \(command.error)", sourceLocation: sourceLocation)
        }
        #expect(!directory.contents.contains { $0.contains("dalle") }, sourceLocation: sourceLocation)
    }

    @Test func oneFileHoldsEverything() throws {
        let source = Fixtures.path("flax/checkpoints/mini-like")
        let command = try convert(
            "flax", source, "--vqgan", Fixtures.path("torch/vqgan_flax"), "--word-frequencies",
            Fixtures.path("text/standin-words-frequency.txt"), "--json", "--quiet")
        #expect(command.status == 0 && command.error.isEmpty, "\(command.error)")
        #expect(try command.json()["output"] as? String == "mini-like.dalle")
        let file = try ModelFile(directory.path("mini-like.dalle"))
        #expect(file.components.map(\.kind) == [.dalleBart, .byteLevelBPE, .wordFrequencies, .vqgan])
        #expect(try command.json()["bytes"] as? Int == file.byteCount)
        #expect(directory.contents == ["mini-like.dalle"])
        #expect(try convert("check", "mini-like.dalle").status == 0)
        let summary = try convert("inspect", "mini-like.dalle", "--json", "--tensors").json()
        #expect((summary["tensors"] as? [Any])?.count == file.tensors.count)
    }

    @Test func aLoneFileIsRecognisedByItsShapes() throws {
        _ = try copy("flax/checkpoints/mega-like/flax_model.msgpack", as: "mega.msgpack")
        let command = try convert("flax", "mega.msgpack")
        #expect(command.status == 0, "\(command.error)")
        #expect(command.error.contains("no config.json") && command.error.contains("no tokenizer"))
        #expect(directory.contents == ["mega.dalle", "mega.msgpack"])
    }

    @Test func anExistingFileIsKeptUnlessForced() throws {
        let source = Fixtures.path("flax/checkpoints/bias")
        #expect(try convert("flax", source, "-o", "a.model").status == 0)
        let before = try Data(contentsOf: directory.url.appending(path: "a.model"))
        let command = try convert("flax", source, "-o", "a.model", "--compress", "none")
        expectRefusal(command, 73, "a.model", "--force")
        #expect(try Data(contentsOf: directory.url.appending(path: "a.model")) == before)
        #expect(try convert("flax", source, "-o", "a.model", "--compress", "none", "--force").status == 0)
        #expect(try Data(contentsOf: directory.url.appending(path: "a.model")) != before)
    }

    @Test func aDryRunWritesNothing() throws {
        let command = try convert("flax", Fixtures.path("flax/checkpoints/bias"), "--dry-run")
        #expect(command.status == 0 && command.output.contains("would write bias.dalle"))
        #expect(directory.contents.isEmpty)
    }

    @Test func theTypeOfWeightsCanBeChosen() throws {
        let source = Fixtures.path("flax/checkpoints/mini-like")
        #expect(try convert("flax", source, "--dtype", "bfloat16", "-o", "b.model").status == 0)
        let file = try ModelFile(directory.path("b.model"))
        #expect(file.descriptor("bart.decoder.logits.weight")?.dtype == .bfloat16)
        #expect(file.descriptor("tokenizer.tokens")?.dtype == .uint8)
    }

    // MARK: Bad input

    @Test func aTruncatedCheckpointIsRefused() throws {
        let path = try checkpoint() + "/flax_model.msgpack"
        let data = try Data(contentsOf: URL(filePath: path))
        for share in [0.3, 0.7, 0.999] {
            try data.prefix(Int(Double(data.count) * share)).write(to: URL(filePath: path))
            expectRefusal(try convert("flax", "mini"), 65, "flax_model.msgpack", "byte ", "cut off")
        }
    }

    @Test func aDirectoryWithoutConfigIsRefused() throws {
        try FileManager.default.removeItem(atPath: try checkpoint() + "/config.json")
        expectRefusal(try convert("flax", "mini"), 66, "mini", "config.json", "--config")
        expectRefusal(try convert("flax", "mini", "--config", "none.json"), 66, "none.json")
    }

    @Test func aConfigOfAnotherModelIsRefused() throws {
        let config = try checkpoint() + "/config.json"
        try edit(config) { $0.replace("\"decoder_ffn_dim\": 96", with: "\"decoder_ffn_dim\": 112") }
        expectRefusal(
            try convert("flax", "mini"), 65, "flax_model.msgpack",
            "model/decoder/layers/FlaxBartDecoderLayers/GLU_0", "96", "112", "config.json")
    }

    @Test(arguments: [
        ("\"use_glu\": true", "\"use_glu\": false", "FFN_0"),
        ("\"use_bias\": false", "\"use_bias\": true", "bias"),
        ("\"use_head_scale\": false", "\"use_head_scale\": true", "head_scale"),
        ("\"ln_positions\": \"normformer\"", "\"ln_positions\": \"preln\"", "LayerNorm_1"),
        ("\"use_final_ln_encoder\": true", "\"use_final_ln_encoder\": false", "model/encoder/final_ln/bias"),
        ("\"ln_positions\": \"normformer\"", "\"ln_positions\": \"sandwich\"", "ln_positions"),
        ("\"activation_function\": \"gelu\"", "\"activation_function\": \"mish\"", "activation_function"),
        ("\"d_model\": 64", "\"d_model\": \"64\"", "d_model"),
        ("\"d_model\": 64", "\"d_model\": -64", "width"),
        ("\"decoder_attention_heads\": 4", "\"decoder_attention_heads\": 5", "heads"),
        ("\"use_alibi\": false", "\"use_alibi\": true", "use_alibi"),
        ("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true", "tie_word_embeddings"),
        ("\"model_type\": \"dallebart\"", "\"model_type\": \"bart\"", "model_type"),
        ("\"use_bias\": false", "\"use_rope\": true", "use_rope"),
        ("{", "[", "config.json"),
    ])
    func aConfigThatDoesNotFitIsRefusedByItsKey(_ old: String, _ new: String, _ key: String) throws {
        let config = try checkpoint() + "/config.json"
        try edit(config) { $0.replace(old, with: new, maxReplacements: 1) }
        expectRefusal(try convert("flax", "mini"), 65, key)
    }

    @Test(arguments: [
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 5175043987\n", "git lfs pull"),
        ("", "empty"), ("PK\u{3}\u{4}", "zip archive"), ("{\"a\": 1}", "bytes 7b"),
    ])
    func whatIsNoCheckpointIsNamed(_ content: String, _ text: String) throws {
        try Data(content.utf8).write(to: directory.url.appending(path: "model.msgpack"))
        expectRefusal(try convert("flax", "model.msgpack"), 65, "model.msgpack", text)
        expectRefusal(
            try convert("flax", Fixtures.path("flax/checkpoints/bias"), "--vqgan", "model.msgpack"), 65,
            "model.msgpack", text)
    }

    @Test func aMissingTokenizerIsSaidOrRefused() throws {
        let source = Fixtures.path("flax/checkpoints/bias")
        expectRefusal(try convert("flax", source, "--tokenizer", source), 66, "bias", "tokenizer.json", "--tokenizer")
        #expect(try convert("flax", source, "-o", "a.model").error.contains("no tokenizer"))
        let run = try Command("dalle-run", ["a.model", "a cat"], in: directory.url)
        #expect(run.status == 66 && run.error.contains("tokenizer"), "\(run.error)")
    }

    @Test func aMissingShardIsNamed() throws {
        _ = try copy("flax/checkpoints/sharded", as: "sharded")
        let shard = "flax_model-00002-of-00004.msgpack"
        try FileManager.default.removeItem(atPath: directory.path("sharded/\(shard)"))
        expectRefusal(try convert("flax", "sharded"), 66, shard)
    }

    @Test func aShardOutsideTheDirectoryIsRefused() throws {
        let index = try copy("flax/checkpoints/sharded", as: "sharded") + "/flax_model.msgpack.index.json"
        try edit(index) { $0.replace("\"flax_model-00002", with: "\"../flax_model-00002") }
        expectRefusal(try convert("flax", "sharded"), 65, "index.json", "expected a file name")
    }

    @Test func wrongUseIsRefused() throws {
        #expect(try convert("flax").status == 64)
        #expect(try convert("flax", "x", "--compress", "gzip").status == 64)
        #expect(try convert("flax", "nowhere").status == 66)
        #expect(try convert("unknown").status == 64)
        #expect(try convert("--help").status == 0)
        #expect(try convert("flax", Fixtures.path("flax/checkpoints/bias"), "-o", "bias.model").status == 0)
        expectRefusal(try convert("flax", "bias.model"), 65, "is a model file of this package")
        let slip = try convert(Fixtures.path("flax/checkpoints/bias/flax_model.msgpack"))
        #expect(slip.status == 64 && slip.error.contains("dalle-convert flax "), "\(slip.error)")
    }

    @Test func sourcesAreNeverWrittenOver() throws {
        let source = try checkpoint()
        let before = try Data(contentsOf: URL(filePath: "\(source)/flax_model.msgpack"))
        for name in ["flax_model.msgpack", "config.json", "tokenizer.json"] {
            let command = try convert("flax", source, "-o", "\(source)/\(name)", "--force")
            #expect(command.status == 73 && command.error.contains("is read here"), "\(name): \(command.error)")
        }
        #expect(try Data(contentsOf: URL(filePath: "\(source)/flax_model.msgpack")) == before)
    }

    @Test func partsThatDoNotFitAreSaid() throws {
        let source = Fixtures.path("flax/checkpoints/mini-like")
        let bare = try convert("flax", source, "--dry-run")
        #expect(bare.error.contains("no VQGAN"), "\(bare.error)")
        let other = try convert("flax", source, "--vqgan", Fixtures.path("demo/vqgan"), "--dry-run")
        #expect(other.error.contains("2048 codes"), "\(other.error)")
        let mismatched = try convert(
            "flax", Fixtures.path("demo/dalle"), "--tokenizer", Fixtures.path("text/tokenizer/vocab.json"))
        expectRefusal(mismatched, 65, "1000 tokens", "embeds 384", "--tokenizer")
    }
}
