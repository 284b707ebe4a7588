import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct VQGANSettingsTests {
    private static let checkpoint = Fixtures.path("torch/vqgan_small_f16.ckpt")
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: directory.url.appending(path: name))
        return directory.path(name)
    }

    private static let yaml = """
        model:
          target: taming.models.vqgan.VQModel
          params: {embed_dim: 16, n_embed: 64, remap: null,
            ddconfig: {double_z: False, z_channels: 32, resolution: 8, out_ch: 3, ch: 32, ch_mult: [2, 1],
              num_res_blocks: 1, attn_resolutions: [4]}}
        """

    private func importing(_ text: String) throws -> ImportedComponent {
        try VQGANImport.read(Self.checkpoint, configuration: try file("model.yaml", text))
    }

    @Test func acceptsTheRightOneHoweverItIsNested() throws {
        let part = try importing(Self.yaml)
        let nested = Self.yaml.replacing("model:\n", with: "").replacing("\n", with: "\n      ")
        let transformer = "model:\n  params:\n    transformer_config: {}\n    first_stage_config:\n      " + nested
        #expect(try importing(transformer).component == part.component)
        let flat = """
            {"ch": 32, "ch_mult": [2, 1], "attn_resolutions": [4], "resolution": 8, "n_embed": 64, "embed_dim": 16,
             "resamp_with_conv": true, "give_pre_end": false}
            """
        #expect(try importing(flat).component == part.component)
        #expect(try importing("ch_mult: [2, 1]").component == part.component)
    }

    @Test(arguments: [
        ("n_embed: 64", "n_embed: 65", "n_embed", "says 65, the tensors say 64"),
        ("embed_dim: 16", "embed_dim: 8", "embed_dim", "says 8, the tensors say 16"),
        ("z_channels: 32", "z_channels: 4", "z_channels", "says 4, the tensors say 32"),
        ("ch: 32", "ch: 128", "ch", "says 128, the tensors say 32"),
        ("[2, 1]", "[2, 1, 1]", "ch_mult", "says [2, 1, 1], the tensors say [2, 1]"),
        ("blocks: 1", "blocks: 2", "num_res_blocks", "says 2, the tensors say 1"),
        ("attn_resolutions: [4]", "attn_resolutions: [8]", "attn_resolutions", "says [0], the tensors say [1]"),
        ("False", "true", "double_z", "is true, expected false"),
        ("null", "/data/remap.npy", "remap", "is /data/remap.npy, expected nothing"),
        ("out_ch: 3", "out_ch: 1", "out_ch", "is 1, expected 3"),
        ("out_ch: 3", "tanh_out: true", "tanh_out", "is true, expected false"),
        ("out_ch: 3", "resamp_with_conv: false", "resamp_with_conv", "is false, expected true"),
        ("out_ch: 3", "attn_type: linear", "attn_type", "is linear, expected vanilla"),
        ("n_embed: 64", "n_embed: many", "n_embed", "is many, expected an integer"),
        ("[2, 1]", "[2, x]", "ch_mult", "is 2, x, expected a list of integers"),
        ("[2, 1]", "2", "ch_mult", "is 2, expected a list of integers"),
    ])
    func refuses(_ text: String, _ other: String, _ item: String, _ message: String) throws {
        let error = try dalleError { try importing(Self.yaml.replacing(text, with: other)) }
        #expect(error.code == .badData)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.item?.hasPrefix(item) == true)
        #expect(error.file == directory.path("model.yaml"))
    }

    @Test(arguments: [
        ("", "is empty"), ("a: 1", "ch_mult is missing"), ("7", "ch_mult is missing"), ("a: [1", "in line 2"),
        ("a: 1\na: 2", "a is there twice"), ("a: &x 1\nb: *y", "the anchor 'y', which is not there"),
        ("a: *x", "found undefined alias"), ("a: &x [*x]", "nest deeper than 128"),
        ("a: *x\nb: &x 1", "the anchor 'x', which is not there"), ("a: &x \u{E000}", "U+E000"),
        ("ch_mult: ['${a}']\na: ${ch_mult}", "nest deeper than 128"),
        (String(repeating: "[", count: 30_000), "nesting"), (String(repeating: " ", count: 1 << 19), "bytes"),
    ])
    func refusesOtherTexts(_ text: String, _ message: String) throws {
        let error = try dalleError { try importing(text) }
        #expect(error.message.contains(message), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    /// As PyYAML writes a list that is there twice, as YAML allows by hand, and as OmegaConf resolves.
    @Test(
        arguments: [
            """
            list: &id001
            - 2
            - 1
            ddconfig: {ch: &c 32, ch_mult: *id001, num_res_blocks: 1, z_channels: *c, n_embed: 64}
            """,
            "ddconfig: {ch_mult: &a !!python/tuple [2, 1]}\nother: {again: *a, x*y: 'a *b', \"c*d\": \"*e\"} # *f",
            "base: &base {ch: 64, ch_mult: [2, 1]}\nddconfig:\n  ch: 32\n  <<: *base\n  n_embed: 64",
            "a: &a {ch: 32}\nb: &b {ch: 64, ch_mult: [2, 1]}\nddconfig: {<<: [*a, *b]}",
            "x: &x 64\ny: &x 32\nddconfig: {ch: *x, ch_mult: [2, 1]}", "{*x: 1, ch_mult: [2, 1], ch: &x 32}",
            "sizes: {width: 32, levels: [2, 1]}\nch: ${sizes.width}\nch_mult: ${sizes.levels}",
            "ch: 32\nfactors: [2, 1]\nch_mult: [\"${factors[0]}\", '${factors.1}']\nz_channels: ${.ch}",
            "model: {base_width: 32, params: {ch: '${..base_width}', ch_mult: [2, 1], attn: '${oc.env:HOME}'}}",
            "ch: ${a}\na: ${b.c}\nb: {c: 32}\nch_mult: [2, 1]",
        ])
    func putsValuesWhereTheyAreNamed(_ text: String) throws {
        let settings = try VQGANSettings(try file("model.yaml", text))
        #expect(settings.channelMultipliers == [2, 1])
        #expect([nil, 32].contains(settings.baseChannels))
        #expect(text.contains("ch:") == (settings.baseChannels == 32))
        _ = try importing(text)
    }

    @Test(arguments: [
        ("ch: ${oc.env:WIDTH}", "ch", "is ${oc.env:WIDTH}, expected an integer"),
        ("ch: ${nothing}", "ch", "is ${nothing}, expected an integer"),
        ("ch: \"3${a}\"\na: 2", "ch", "is 3${a}, expected an integer"),
    ])
    func refusesOtherInterpolations(_ text: String, _ item: String, _ message: String) throws {
        let error = try dalleError { try importing(text + "\nch_mult: [2, 1]") }
        #expect(error.item == item)
        #expect(error.message.contains(message))
    }

    @Test func findsWhatLiesBeside() throws {
        func source(_ name: String) throws -> VQGANSource { try VQGANSource(name, configuration: nil) }
        #expect(try dalleError { try source(directory.url.path) }.code == .missingInput)
        let last = try file("last.ckpt", "")
        #expect(try source(directory.url.path).checkpoint == last)
        #expect(try source(last).configuration == nil)
        let general = try file("config.yaml", ""), model = try file("model.yaml", "")
        #expect(try source(last).configuration == model)
        #expect(try VQGANSource(last, configuration: general).configuration == general)
        let own = try file("last.yaml", "")
        #expect(try source(last).configuration == own)
        let flax = try file("flax_model.msgpack", "")
        #expect(try source(flax).configuration == nil)
        let several = try dalleError { try source(directory.url.path) }
        #expect(several.code == .usage)
        #expect(several.message == "holds 2 checkpoints: flax_model.msgpack, last.ckpt")
        #expect(try dalleError { try source(directory.path("absent")) }.code == .missingInput)
    }
}
