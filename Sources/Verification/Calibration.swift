public import DalleFormat
import DalleModels
import DalleRuntime
import DalleThreads

/// Finds out what goes into the dense layers of a model while it draws.
public struct Calibration: Sendable {
    public let prompts: [String]

    public init(prompts: [String]) { self.prompts = prompts }

    /// Draws each prompt once, on the reference route, with seeds from 0 on.
    ///
    /// - Parameters:
    ///   - progress: called after each picture.
    /// - Returns: For each layer's matrix, by its name in the file, the sums of the squares of its inputs, column by column.
    /// - Throws: `missingInput` when the file lacks a text-to-codes model or its tokenizer.
    public func inputSquares(
        _ file: ModelFile, threads: Int, progress: () -> Void = {}
    ) throws(DalleError) -> [String: [Double]] {
        guard try file.component(.byteLevelBPE) != nil else {
            throw DalleError(
                .missingInput, "holds no tokenizer, so that prompts cannot be drawn",
                remedy: "Convert the checkpoint again, with --tokenizer DIR", file: file.path)
        }
        let squares = InputSquares()
        var context = ComputeContext(.reference, threads: threads)
        context.observer = squares
        let tokenModel = try DalleModel(file).tokenModel(context)
        let inputs = try PromptInputs(DalleModel(file), tokenModel, prompts, prompts.count)
        let prepared = try tokenModel.prepare(inputs.prompts) { _, _ in }
        // One after the other: the memory for keys and values grows with the images of a batch.
        for number in prompts.indices {
            _ = try TokenSampler.sample([inputs.image(number, of: prepared)], tokenModel)
            progress()
        }
        return squares.sums
    }
}

/// Adds up the squares of inputs, column by column.
private final class InputSquares: ActivationObserver {
    private let found = Monitor<[String: [Double]]>([:])

    var sums: [String: [Double]] { found.withLock { $0 } }

    func observe(_ x: Matrix, rows: [Int], weight: String) {
        found.withLock { found in
            var sums = found[weight] ?? [Double](repeating: 0, count: x.columns)
            for row in rows {
                for column in 0..<x.columns {
                    let value = Double(x.values[row * x.columns + column])
                    sums[column] += value * value
                }
            }
            found[weight] = sums
        }
    }
}
