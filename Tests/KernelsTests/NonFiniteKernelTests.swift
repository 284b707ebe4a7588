import CKernels
import DalleFormat
import Foundation
import Testing

@testable import DalleKernels

/// NaN and infinity must not be lost where floats are quantised or compared: they are looked for at the end of a stage.
@Suite struct NonFiniteKernelTests {
    private static let bad: [Float] = [.nan, -.nan, .infinity, -.infinity]

    @Test(arguments: KernelTable.withScalar) func scaleOfARowWithNaNIsNaN(_ level: KernelTable) {
        for k in [1, 15, 16, 17, 64, 100] {
            for (place, value) in zip([0, k / 2, k - 1, k - 1], Self.bad) {
                var row = [Float](repeating: 1, count: k)
                row[place] = value
                let x = Guarded(row), padded = (k + 63) / 64 * 64
                let bytes = Guarded<Int8>(padded)
                var (scale, sum) = (0 as Float, 0 as Int32)
                level.kernels.quantize_activations(k, x.start, padded, bytes.start, &scale, &sum)
                #expect(!scale.isFinite && scale.isNaN == value.isNaN, "\(level.name) \(k) \(value)")
            }
        }
    }

    @Test(arguments: KernelTable.withScalar) func reluKeepsNaN(_ level: KernelTable) {
        for k in [1, 16, 19] {
            let x = Guarded([Float](repeating: .nan, count: k))
            level.kernels.activate(k, CK_RELU, x.start, nil)
            #expect(x.elements.allSatisfy { $0.isNaN })
        }
        let numbers = Guarded<Float>([-1, -0.0, 0, 2, -.infinity, .infinity])
        level.kernels.activate(6, CK_RELU, numbers.start, nil)
        let expected: [Float] = [0, 0, 0, 2, 0, .infinity]
        let (found, right) = (numbers.elements.map { $0.bitPattern }, expected.map { $0.bitPattern })
        #expect(found == right)
    }

    /// A query, key or value in which one number is none leaves no number in the answers that it takes part in.
    @Test(arguments: [AttentionCache.Precision.int8, .float32], Kernels.levels.indices)
    func attentionOfNaNIsNaN(_ precision: AttentionCache.Precision, _ level: Int) throws {
        let (kernels, length, width) = (Kernels.levels[level], 21, 20)
        for spoilt in 0..<4 {
            var random = RandomNumbers(seed: spoilt)
            func rows(_ count: Int, isSpoilt: Bool) throws -> ActivationRows {
                let rows = try ActivationRows(rows: count, columns: width)
                for row in 0..<count { _ = rows.row(row).update(fromContentsOf: random.floats(width)) }
                if isSpoilt { rows.row(count / 2)[7] = -.nan }
                return rows
            }
            let (keys, values) = (try rows(length, isSpoilt: spoilt == 1), try rows(length, isSpoilt: spoilt == 2))
            let query = try rows(1, isSpoilt: spoilt == 3)
            let cache = try AttentionCache(precision, sequences: 1, heads: 1, headWidth: width, length: length)
            for row in 0..<length {
                cache.store(
                    keys: keys, values: values, row: row, column: 0, sequence: 0, head: 0, position: row, kernels)
            }
            let answer = try ActivationRows(rows: 1, columns: width)
            try cache.attend(
                queries: query, scores: ActivationRows(rows: 1, columns: length + 8), answers: answer, row: 0,
                column: 0, sequence: 0, head: 0, positions: length, scale: 0.2, outputScale: 1, bias: nil, kernels)
            let isFinite = answer.row(0).allSatisfy(\.isFinite)
            #expect(isFinite == (spoilt == 0), "\(kernels.name) \(spoilt)")
        }
    }

    /// In bytes and in floats, with and without what comes before and after a convolution.
    @Test(arguments: Kernels.levels.indices) func convolutionOfNaNIsNaN(_ level: Int) throws {
        let kernels = Kernels.levels[level]
        let (inputs, outputs, width, pixel) = (70, 5, 9, 4)
        let numbers = [Int8](repeating: 3, count: outputs * 128).enumerated().map { $0 % 128 < inputs ? $1 : 0 }
        let bytes = HeldWeights.rows(
            .int8, numbers, scales: [Float](repeating: 0.1, count: outputs), rows: outputs, columns: inputs, stride: 128
        )
        let floats = HeldWeights.rows(
            .float32, [Float](repeating: 0.3, count: outputs * inputs), rows: outputs, columns: inputs)
        let norm = ([Float](repeating: 1, count: inputs), [Float](repeating: 0, count: inputs))
        for (number, rows) in [(ConvolutionPlan.Numbers.bytes, bytes), (.floats, floats)] {
            let plan = ConvolutionPlan(number, .init(inputs: inputs, outputs: outputs), height: 1, width: width)
            for input in [
                ConvolutionInput(), ConvolutionInput(isPositive: true), ConvolutionInput(norm: norm, swish: true),
            ] {
                for (value, relu) in [(Float.nan, false), (-.nan, true), (.nan, true), (.infinity, false)] {
                    let source = try Pixels(
                        Memory(width * inputs, for: "a test"), height: 1, width: width, channels: inputs)
                    source.withNumbers {
                        $0.update(repeating: 1)
                        $0[pixel * inputs + 66] = value
                    }
                    let target = try Pixels(
                        Memory(width * outputs, for: "a test"), height: 1, width: width, channels: outputs)
                    let workspace = try ConvolutionWorkspace([plan])
                    for part in 0..<plan.packingCount { kernels.pack(plan, part: part, rows, workspace) }
                    for part in 0..<plan.preparationCount {
                        kernels.prepare(plan, part: part, source, input, workspace)
                    }
                    let output = Kernels.Epilogue(
                        scales: rows.rowScales, isFused: true, residual: nil, relu: relu)
                    let bias = [Float](repeating: 0, count: outputs)
                    for task in 0..<plan.taskCount {
                        kernels.convolve(plan, task: task, input, bias: bias.span, output, into: target, workspace)
                    }
                    let found = target.withNumbers { Array($0) }
                    for place in 0..<width {
                        let isFinite = found[place * outputs..<(place + 1) * outputs].allSatisfy(\.isFinite)
                        #expect(isFinite == (place != pixel), "\(kernels.name) \(number) \(value) \(place)")
                    }
                }
            }
        }
    }
}
