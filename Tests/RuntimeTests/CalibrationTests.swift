import DalleConvert
import DalleFormat
import DalleModels
import DalleRuntime
import DalleText
import DalleThreads
import DalleVerification
import Foundation
import TestSupport
import Testing

/// What is seen of a model while it draws.
@Suite struct CalibrationTests {
    private let directory: TemporaryDirectory
    private let file: ModelFile
    private let configuration: BartConfiguration

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path("demo.dalle")
        let request = DalleImport(.flax, source: Fixtures.path("demo/dalle"))
        _ = try ModelAssembly().write(try request.read(), to: path, step: "test")
        file = try ModelFile(path)
        let component = try #require(try file.component(.dalleBart))
        configuration = try BartConfiguration(component.configuration)
    }

    @Test func everyDenseLayerIsSeen() throws {
        let squares = try Calibration(prompts: ["a red circle"]).inputSquares(file, threads: 1)
        var widths: [String: Int] = [:]
        for tensor in try configuration.tensors() {
            switch tensor.role {
            case .stack(_, .dense(_, _, _, .weight)), .logits: widths["bart.\(tensor.name)"] = tensor.shape[1]
            default: break
            }
        }
        #expect(squares.mapValues(\.count) == widths)
        for (name, sums) in squares { #expect(sums.allSatisfy { $0 >= 0 } && sums.contains { $0 > 0 }, "\(name)") }
        // Queries and keys have the same inputs, and one more prompt adds to them.
        let layer = "bart.decoder.layers.1.self_attention"
        #expect(squares["\(layer).query.weight"] == squares["\(layer).key.weight"])
        let more = try Calibration(prompts: ["a red circle", "a blue ring"]).inputSquares(file, threads: 1)
        let (one, two) = try (
            #require(squares["bart.decoder.logits.weight"]), #require(more["bart.decoder.logits.weight"])
        )
        for (a, b) in zip(one, two) { #expect(b > a) }
    }

    private final class RowCounter: ActivationObserver {
        let rows = Monitor<Set<Int>>([])

        func observe(_ x: Matrix, rows: [Int], weight: String) {
            self.rows.withLock { _ = $0.insert(rows.count) }
        }
    }

    @Test func paddingIsNotSeen() throws {
        let counter = RowCounter()
        var context = ComputeContext(.reference)
        context.observer = counter
        let model = try DalleModel(file).tokenModel(context)
        let prompt = try model.tokenize("a red circle")
        #expect(prompt.visible < configuration.textLength)
        _ = try model.prepare([prompt, prompt]) { _, _ in }
        #expect(counter.rows.withLock { $0 } == [2 * prompt.visible])
    }

    @Test func withoutATokenizerThereAreNoPrompts() throws {
        let path = directory.path("bare.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        for tensor in file.tensors where tensor.name.hasPrefix("bart.") { try writer.copy(tensor, from: file) }
        try writer.finish(
            metadata: MetadataMap(), components: file.components.filter { $0.kind == .dalleBart }
        )
        let bare = try ModelFile(path)
        let error = #expect(throws: DalleError.self) {
            try Calibration(prompts: ["a red circle"]).inputSquares(bare, threads: 1)
        }
        #expect(error?.code == .missingInput && error?.remedy?.contains("--tokenizer") == true)
    }
}
