import DalleFormat
import TestSupport
import Testing

/// A model held against another precision of itself.
@Suite struct CompareCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory)
    }

    private func shell(_ script: String) throws -> Command { try Command(shell: script, in: directory.url) }

    @Test func itsProgressIsSaid() throws {
        let command = try shell(
            "dalle-quant --int8 demo.model -o q --quiet && dalle-run verify q --against demo.model --pictures 2 --json --progress json"
        )
        let shares = command.error.split(separator: "\n").filter { $0.contains("\"comparing\"") }
        #expect(
            command.status == 0 && shares.count > 10 && shares.last?.contains("\"share\":1,") == true,
            "\(command.error.suffix(300))")
    }

    /// A large number in every group of 32 leaves nothing of the others in 4 bits; equal in all rows, it changes no probability.
    @Test func whatKeepsNoBoundFails() throws {
        let model = try ModelFile(directory.path("demo.model"))
        let writer = try ModelFileWriter(directory.path("outliers.model"), replacing: false, threads: 1)
        for tensor in model.tensors {
            guard tensor.name == "bart.decoder.logits.weight" else {
                try writer.copy(tensor, from: model)
                continue
            }
            var floats = try FloatTensor(model, tensor.name, shape: tensor.shape).array
            for i in stride(from: 0, to: floats.count, by: 32) { floats[i] = 100 }
            try writer.add(tensor.name, MemorySource(floats, tensor.shape), compression: .none)
        }
        try writer.finish(metadata: model.metadata, components: model.components)
        let command = try shell("dalle-quant --int4 outliers.model -o r --keep 'logits=int4' --compare")
        #expect(command.status == 1 && command.output.contains("FAIL"), "\(command.output)")
        #expect(try shell("dalle-quant --int8 demo.model -o q --compare").status == 0)
    }
}
