import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

/// What is done with model files: inspect, check, merge, export.
@Suite struct ModelCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func convert(_ arguments: String...) throws -> Command {
        try Command("dalle-convert", arguments, in: directory.url)
    }

    /// A model with every kind of part.
    private func everything(_ name: String, _ options: String...) throws {
        let command = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("flax/checkpoints/mini-like"), "--vqgan", Fixtures.path("torch/vqgan_flax"),
                "--clip", Fixtures.path("torch/clip_vit_hf"), "--word-frequencies",
                Fixtures.path("text/standin-words-frequency.txt"), "--unidecode", Fixtures.path("text/unidecode"), "-o",
                name, "--quiet",
            ] + options, in: directory.url)
        #expect(command.status == 0, "\(command.error)")
    }

    private func open(_ name: String) throws -> ModelFile { try ModelFile(directory.path(name)) }

    @Test func whatIsExportedComesBack() throws {
        try everything("model.dalle")
        let command = try convert("export", "model.dalle", "-o", "exported", "--json")
        #expect(command.status == 0, "\(command.error)")
        let files = try #require(try command.json()["files"] as? [String])
        for file in files { #expect(FileManager.default.fileExists(atPath: directory.path("exported/\(file)"))) }
        #expect(files.contains("bart.safetensors") && files.contains("tokenizer/vocab.json"))

        for compression in ["none", "zstd:1"] {
            let again = try convert("flax", "exported", "-o", "again.dalle", "--force", "--compress", compression)
            #expect(again.status == 0, "\(again.error)")
            let (before, after) = (try open("model.dalle"), try open("again.dalle"))
            #expect(before.content == after.content && before.root != after.root)
            #expect(before.tensors.map(\.name) == after.tensors.map(\.name))
            #expect(Provenance(after.metadata).sources.contains { $0.name == "bart.safetensors" })
        }
        let refused = try convert("export", "model.dalle", "-o", "exported")
        #expect(refused.status == 73 && refused.error.contains("--force"), "\(refused.error)")
        #expect(try convert("flax", "exported", "--clip", "exported").status == 64)
    }

    @Test func theTableForOtherScriptsStays() throws {
        try everything("model.dalle")
        #expect(try convert("inspect", "model.dalle").output.contains("transliteration"))
        #expect(try convert("flax", Fixtures.path("flax/checkpoints/mini-like"), "-o", "bart.dalle").status == 0)
        #expect(try convert("merge", "model.dalle", "bart.dalle", "-o", "merged.dalle").status == 0)
        let quantized = try Command(
            "dalle-quant", ["--fp16", "model.dalle", "-o", "small.dalle", "--quiet"], in: directory.url)
        #expect(quantized.status == 0, "\(quantized.error)")
        #expect(try convert("export", "model.dalle", "-o", "exported").status == 0)
        #expect(try convert("flax", "exported", "-o", "again.dalle").status == 0)
        let table = try #require(try CharacterTable(open("model.dalle")))
        #expect(table.count == 6)
        for name in ["merged.dalle", "small.dalle", "again.dalle"] {
            #expect(try CharacterTable(open(name)) == table, "\(name)")
        }
    }

    @Test func aChangedExportIsRefused() throws {
        try everything("model.dalle")
        #expect(try convert("export", "model.dalle", "-o", "exported").status == 0)
        try FileManager.default.removeItem(atPath: directory.path("exported/vqgan.safetensors"))
        let command = try convert("flax", "exported", "-o", "again.dalle")
        #expect(command.status == 66 && command.error.contains("vqgan.safetensors"), "\(command.error)")
    }

    @Test func partsAreMerged() throws {
        try everything("all.dalle")
        let source = Fixtures.path("flax/checkpoints/mini-like")
        #expect(try convert("flax", source, "-o", "bart.dalle").status == 0)
        #expect(try convert("vqgan", Fixtures.path("torch/vqgan_flax"), "-o", "vqgan.dalle").status == 0)
        #expect(try convert("clip", Fixtures.path("torch/clip_vit_hf"), "-o", "clip.dalle").status == 0)
        // The model once more: what is the same is taken once.
        let command = try convert(
            "merge", "bart.dalle", "vqgan.dalle", "clip.dalle", "bart.dalle", "-o", "merged.dalle")
        #expect(command.status == 0, "\(command.error)")
        #expect(try convert("check", "merged.dalle", "--decode").status == 0)
        let (merged, all) = (try open("merged.dalle"), try open("all.dalle"))
        for tensor in merged.tensors { #expect(all.descriptor(tensor.name)?.digest == tensor.digest) }
        // Without the words and the spellings.
        #expect(merged.components.count == all.components.count - 2)
        let provenance = Provenance(merged.metadata)
        #expect(provenance.steps.map(\.action) == ["convert flax", "convert vqgan", "convert clip", "merge"])
        #expect(provenance.sources.contains { $0.name == "flax_model.msgpack" })
    }

    @Test func differentPartsOfAKindAreNotMerged() throws {
        #expect(try convert("flax", Fixtures.path("flax/checkpoints/mini-like"), "-o", "a.dalle").status == 0)
        #expect(try convert("flax", Fixtures.path("flax/checkpoints/bias"), "-o", "b.dalle").status == 0)
        let command = try convert("merge", "a.dalle", "b.dalle", "-o", "c.dalle")
        #expect(command.status == 64 && command.error.contains("'bart'"), "\(command.error)")
        #expect(command.error.contains("a.dalle") && command.error.contains("b.dalle"))
        #expect(!directory.contents.contains("c.dalle"))
        #expect(try convert("merge", "a.dalle", "-o", "c.dalle").status == 64)
        #expect(try convert("merge", "a.dalle", "b.dalle", "-o", "a.dalle", "--force").status != 0)
    }

    @Test func damageIsListedInJSON() throws {
        try everything("model.dalle", "--compress", "none")
        let path = directory.path("model.dalle")
        var data = try Data(contentsOf: URL(filePath: path))
        let whole = try convert("check", "model.dalle", "--json")
        #expect(try whole.status == 0 && whole.json()["pass"] as? Bool == true)
        for place in [100, data.count / 2, data.count / 2 + 100_000] { data[place] ^= 4 }
        try data.write(to: URL(filePath: path))
        let damaged = try convert("check", "model.dalle", "--json")
        let damages = try #require(try damaged.json()["damages"] as? [[String: Any]])
        #expect(damaged.status == 1 && damages.count == 3, "\(damaged.output)")
        #expect(try damaged.json()["pass"] as? Bool == false)
        #expect(try convert("check", "model.dalle").error.split(separator: "\n").count == 4)

        try data.prefix(5000).write(to: URL(filePath: path))
        let cut = try convert("check", "model.dalle", "--json")
        #expect(try cut.status == 1 && (cut.json()["error"] as? String)?.contains("cut off") == true)
        #expect(try convert("check", "nowhere.dalle").status == 66)
    }

    @Test func inspectTellsEverything() throws {
        try everything("model.dalle")
        let text = try convert("inspect", "model.dalle", "--tensors").output
        for part in ["float32", "width", "made of", "flax_model.msgpack", "convert flax", "decoder", "plain 1"] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        let json = try convert("inspect", "model.dalle", "--json").json()
        #expect(
            (json["memory"] as? [[String: Any]])?.map { $0["stage"] as? String } == [
                "encoder", "decoder", "vqgan", "clip",
            ])
        #expect(json["content"] as? String == (try open("model.dalle").content.description))
    }
}
