import TestSupport
import Testing

/// A file in the place of a subcommand is recognised.
@Suite struct CommandProposalTests {
    @Test(arguments: [
        ("demo/dalle", "dalle-convert flax"), ("demo/dalle/flax_model.msgpack", "dalle-convert flax"),
        ("demo/vqgan", "dalle-convert vqgan"), ("demo/clip", "dalle-convert clip"),
        ("torch/vqgan_legacy_f32.ckpt", "dalle-convert vqgan"), ("demo/vqgan/model.yaml", "vqgan CHECKPOINT --config"),
    ])
    func bySubstance(_ source: String, _ line: String) throws {
        let command = try Command("dalle-convert", [Fixtures.path(source), "-o", "a b.dalle"])
        #expect(command.status == 64)
        #expect(command.error.contains(line) && command.error.contains("-o 'a b.dalle'"), "\(command.error)")
    }

    @Test func convertedAlready() throws {
        let directory = try TemporaryDirectory()
        let command = try Command(
            shell: """
                dalle-convert vqgan \(Fixtures.path("demo/vqgan")) -o v.model --quiet
                echo text > x.bin; dalle-convert x.bin; dalle-convert v.model
                """, in: directory.url)
        #expect(command.status == 64 && command.error.contains("v.model is converted already: dalle-run v.model"))
        #expect(command.error.contains("x.bin: say what it is"))
    }
}
