import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleKernels

/// The fast route's convolutions against plain sums in double precision, at sizes that fill no block, on every level.
@Suite struct ConvolutionTests {
    /// Channels in and out, kernel, stride, padding before and after, upsampling or with a minus average pooling, height and width.
    static let shapes: [[Int]] = [
        [1, 1, 1, 1, 0, 0, 1, 1, 1], [3, 5, 3, 1, 1, 1, 1, 4, 7], [17, 3, 3, 1, 1, 1, 1, 5, 13],
        [16, 32, 1, 1, 0, 0, 1, 1, 300], [33, 33, 3, 1, 1, 1, 1, 9, 35], [64, 70, 3, 1, 1, 1, 2, 3, 17],
        [65, 36, 3, 2, 0, 1, 1, 6, 10], [130, 4, 3, 2, 1, 1, 1, 7, 9], [20, 40, 3, 1, 1, 1, 2, 1, 270],
        [5, 34, 5, 1, 2, 2, 1, 6, 6], [160, 2, 3, 1, 1, 1, 1, 3, 12],
        [17, 33, 1, 1, 0, 0, -2, 4, 20], [66, 5, 3, 1, 1, 1, -2, 7, 9], [30, 20, 3, 2, 1, 1, -2, 8, 12],
        // Too few outputs at the end for Winograd's algorithm.
        [33, 36, 3, 1, 1, 1, 1, 27, 33],
        // By Winograd's algorithm, if of floats: edges within tiles, upsampled, no padding, many tasks.
        [33, 37, 3, 1, 1, 1, 1, 27, 33], [16, 165, 3, 1, 1, 1, 2, 9, 41], [50, 70, 3, 1, 0, 0, 1, 30, 23],
    ]

    private struct Case {
        let geometry: ConvolutionPlan.Geometry
        let height: Int
        let width: Int
        let x: [Float]
        let weights: [Int8]
        let scales: [Float]
        let bias: [Float]
        let factor: [Float]
        let offset: [Float]

        init(_ shape: [Int]) {
            var geometry = ConvolutionPlan.Geometry(inputs: shape[0], outputs: shape[1])
            geometry.kernel = shape[2]
            geometry.stride = shape[3]
            geometry.paddingBefore = shape[4]
            geometry.paddingAfter = shape[5]
            geometry.upsampling = max(shape[6], 1)
            geometry.averagePooling = max(-shape[6], 1)
            self.geometry = geometry
            (height, width) = (shape[7], shape[8])
            var generator = SeededGenerator(seed: UInt64(shape[0] * 1000 + shape[1]))
            func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in generator.normal() } }
            x = numbers(height * width * shape[0])
            weights = numbers(shape[1] * shape[2] * shape[2] * shape[0]).map { Int8(max(min($0 * 40, 127), -127)) }
            scales = numbers(shape[1]).map { abs($0) * 0.01 + 0.001 }
            bias = numbers(shape[1])
            factor = numbers(shape[0])
            offset = numbers(shape[0])
        }

        var columns: Int { geometry.kernel * geometry.kernel * geometry.inputs }

        func weight(_ output: Int, _ column: Int) -> Float {
            Float(weights[output * columns + column]) * scales[output]
        }

        func held<Element>(
            _ coding: WeightRows.Coding, _ elements: [Element], stride: Int? = nil
        ) -> WeightRows {
            HeldWeights.rows(
                coding, elements, scales: scales, rows: geometry.outputs, columns: columns, stride: stride)
        }

        /// What a convolution of a pixel's channels, as `value` has them, must give, and the sum of the magnitudes.
        func expected(_ plan: ConvolutionPlan, _ value: ([Float]) -> [Double]) -> [(value: Double, size: Double)] {
            let (inputs, pooling) = (geometry.inputs, geometry.averagePooling)
            let (height, width) = (height / pooling, width / pooling)
            let pixels = (0..<height * width).map { pixel in
                var sums = [Float](repeating: 0, count: inputs)
                for part in 0..<pooling * pooling {
                    let row = pixel / width * pooling + part / pooling
                    let start = (row * self.width + pixel % width * pooling + part % pooling) * inputs
                    for input in 0..<inputs { sums[input] += x[start + input] }
                }
                return value(sums.map { $0 / Float(pooling * pooling) })
            }
            var result: [(value: Double, size: Double)] = []
            for row in 0..<plan.outputHeight {
                for column in 0..<plan.outputWidth {
                    for output in 0..<geometry.outputs {
                        var (sum, size) = (Double(bias[output]), 1.0)
                        for tap in 0..<geometry.kernel * geometry.kernel {
                            let y = row * geometry.stride - geometry.paddingBefore + tap / geometry.kernel
                            let x = column * geometry.stride - geometry.paddingBefore + tap % geometry.kernel
                            guard (0..<height * geometry.upsampling).contains(y),
                                (0..<width * geometry.upsampling).contains(x)
                            else { continue }
                            let pixel = pixels[y / geometry.upsampling * width + x / geometry.upsampling]
                            for input in 0..<inputs {
                                let product = pixel[input] * Double(weight(output, tap * inputs + input))
                                sum += product
                                size += abs(product)
                            }
                        }
                        result.append((sum, size))
                    }
                }
            }
            return result
        }

        /// The convolution on kernels, with its own output for residual, and a number after the output's end.
        func run(
            _ plan: ConvolutionPlan, _ rows: WeightRows, _ input: ConvolutionInput, isFused: Bool, _ kernels: Kernels
        ) throws -> (values: [Float], guardNumber: Float, statistics: ChannelStatistics) {
            let source = try Pixels(
                Memory(x.count, for: "a test"), height: height, width: width, channels: geometry.inputs)
            source.withNumbers { _ = $0.update(fromContentsOf: x) }
            let count = plan.outputHeight * plan.outputWidth * geometry.outputs
            let memory = try Memory<Float>(count + 1, for: "a test")
            Pixels(memory, height: 1, width: count + 1, channels: 1).withNumbers { $0.update(repeating: 1) }
            let target = Pixels(
                memory, height: plan.outputHeight, width: plan.outputWidth, channels: geometry.outputs)
            let workspace = try ConvolutionWorkspace([plan])
            // No numbers: what nobody clears shows.
            workspace.prepared.update(repeating: 0xFF, count: plan.byteCount)
            for part in 0..<plan.packingCount { kernels.pack(plan, part: part, rows, workspace) }
            for part in 0..<plan.preparationCount { kernels.prepare(plan, part: part, source, input, workspace) }
            let output = Kernels.Epilogue(scales: rows.rowScales, isFused: isFused, residual: target)
            for task in (0..<plan.taskCount).reversed() {
                kernels.convolve(plan, task: task, input, bias: bias.span, output, into: target, workspace)
            }
            let numbers = Pixels(memory, height: 1, width: count + 1, channels: 1).withNumbers { Array($0) }
            return (Array(numbers[..<count]), numbers[count], ChannelStatistics(plan, workspace))
        }
    }

    private static func swish(_ x: Double) -> Double { x / (1 + exp(-x)) }

    /// The choice between direct sums and Winograd's algorithm: enough pixels for what transforming the weights costs.
    @Test func winogradIsChosenWhereItIsFaster() {
        func takesSquares(_ shape: [Int]) -> Bool {
            let test = Case(shape)
            return ConvolutionPlan(.floats, test.geometry, height: test.height, width: test.width).isWinograd
        }
        #expect(Self.shapes.suffix(3).allSatisfy(takesSquares))
        #expect(!Self.shapes.dropLast(3).contains(where: takesSquares))
        #expect(!takesSquares([128, 128, 3, 1, 1, 1, 1, 16, 16]) && takesSquares([128, 128, 3, 1, 1, 1, 1, 32, 32]))
        #expect(!takesSquares([128, 3, 3, 1, 1, 1, 1, 64, 64]) && !takesSquares([128, 128, 3, 2, 0, 1, 1, 64, 64]))
        #expect(!takesSquares([128, 128, 1, 1, 0, 0, 1, 64, 64]))
    }

    @Test(arguments: shapes)
    func floatsAreRight(_ shape: [Int]) throws {
        let test = Case(shape)
        let plan = ConvolutionPlan(.floats, test.geometry, height: test.height, width: test.width)
        let floats = (0..<test.weights.count).map { test.weight($0 / test.columns, $0 % test.columns) }
        let halves = floats.map { UInt16($0.bitPattern >> 16) }
        let input = ConvolutionInput(norm: (test.factor, test.offset), swish: true)
        let expected = test.expected(plan) { pixel in
            pixel.indices.map { Self.swish(Double(pixel[$0] * test.factor[$0] + test.offset[$0])) }
        }
        let rows = test.held(.float32, floats)
        var plain: [Float] = []
        for kernels in Kernels.levels {
            for isFused in [false, true] {
                let found = try test.run(plan, rows, input, isFused: isFused, kernels)
                for (value, right) in zip(found.values, expected) {
                    #expect(abs(Double(value) - 1 - right.value) < 3e-6 * right.size, "\(kernels.name) \(shape)")
                }
                #expect(found.guardNumber == 1)
                if plain.isEmpty { plain = found.values }
                let isSame = found.values == plain
                #expect(isFused || isSame, "\(kernels.name) \(shape)")
                let sums = (0..<test.geometry.outputs).map { channel in
                    stride(from: channel, to: found.values.count, by: test.geometry.outputs).reduce(0.0) {
                        $0 + Double(found.values[$1])
                    }
                }
                for (sum, right) in zip(found.statistics.sums, sums) {
                    #expect(abs(sum - right) < 1e-4 * (abs(right) + Double(found.values.count)))
                }
            }
            // bfloat16 has the upper half of a float's bits.
            let brief = try test.run(plan, test.held(.bfloat16, halves), input, isFused: false, kernels)
            for (value, right) in zip(brief.values, expected) {
                #expect(abs(Double(value) - 1 - right.value) < 0.01 * right.size, "\(kernels.name) \(shape)")
            }
        }
    }

    /// Without swish the bytes are known, so the sums are too.
    @Test(arguments: shapes)
    func bytesAreRight(_ shape: [Int]) throws {
        let test = Case(shape)
        let plan = ConvolutionPlan(.bytes, test.geometry, height: test.height, width: test.width)
        let stride = (test.columns + 63) / 64 * 64
        let padded = (0..<test.geometry.outputs * stride).map {
            $0 % stride < test.columns ? test.weights[$0 / stride * test.columns + $0 % stride] : 0
        }
        let rows = test.held(.int8, padded, stride: stride)
        let known = test.expected(plan) { pixel in
            let scale = (pixel.map(abs).max() ?? 0) / 127
            return pixel.map { Double(($0 * (1 / scale) + 128).rounded(.toNearestOrEven) - 128) * Double(scale) }
        }
        let positive = test.expected(plan) { pixel in
            let scale = (pixel.max() ?? 0) / 255
            // What was promised not to be below zero counts as zero if it is.
            return pixel.map { Double((max($0, 0) * (scale > 0 ? 1 / scale : 0)).rounded(.toNearestOrEven) * scale) }
        }
        let wanted = test.expected(plan) { pixel in
            pixel.indices.map { Self.swish(Double(pixel[$0] * test.factor[$0] + test.offset[$0])) }
        }
        var plain: [[Float]] = []
        for kernels in Kernels.levels {
            let straight = try test.run(plan, rows, ConvolutionInput(), isFused: false, kernels)
            for (value, right) in zip(straight.values, known) {
                #expect(abs(Double(value) - 1 - right.value) < 2e-6 * right.size, "\(kernels.name) \(shape)")
            }
            let unsigned = try test.run(plan, rows, ConvolutionInput(isPositive: true), isFused: false, kernels)
            for (value, right) in zip(unsigned.values, positive) {
                #expect(abs(Double(value) - 1 - right.value) < 2e-6 * right.size, "\(kernels.name) \(shape)")
            }
            let input = ConvolutionInput(norm: (test.factor, test.offset), swish: true)
            let curved = try test.run(plan, rows, input, isFused: false, kernels)
            for (value, right) in zip(curved.values, wanted) {
                #expect(abs(Double(value) - 1 - right.value) < 0.03 * right.size, "\(kernels.name) \(shape)")
            }
            #expect(straight.guardNumber == 1 && curved.guardNumber == 1)
            let found = [straight.values, unsigned.values, curved.values]
            if plain.isEmpty { plain = found }
            let areSame = plain == found
            #expect(areSame, "\(kernels.name) \(shape)")
        }
    }

    @Test func productsOfPixelsAreRight() throws {
        var generator = SeededGenerator(seed: 5)
        for (pixels, channels, others) in [(5, 3, 4), (40, 33, 70), (129, 64, 36)] {
            func image(_ count: Int, _ channels: Int) throws -> Pixels {
                let image = try Pixels(
                    Memory(count * channels, for: "a test"), height: 1, width: count, channels: channels)
                image.withNumbers { numbers in for i in numbers.indices { numbers[i] = generator.normal() } }
                return image
            }
            let (a, b, scores) = try (image(pixels, channels), image(others, channels), image(pixels, others))
            let plan = ConvolutionPlan(.floats, .init(inputs: channels, outputs: others), height: 1, width: pixels)
            let back = ConvolutionPlan(.floats, .init(inputs: others, outputs: channels), height: 1, width: pixels)
            let workspace = try ConvolutionWorkspace([plan, back])
            for kernels in Kernels.levels {
                func run(_ plan: ConvolutionPlan, _ x: Pixels, _ y: Pixels, _ pack: (Int) -> Void) -> [Float] {
                    for part in 0..<plan.packingCount { pack(part) }
                    for part in 0..<plan.preparationCount {
                        kernels.prepare(plan, part: part, x, ConvolutionInput(), workspace)
                    }
                    for task in 0..<plan.taskCount {
                        kernels.convolve(
                            plan, task: task, ConvolutionInput(), bias: nil, .init(isFused: true), into: y, workspace)
                    }
                    return y.withNumbers { Array($0) }
                }
                let (left, right) = (a.withNumbers { Array($0) }, b.withNumbers { Array($0) })
                let found = run(plan, a, scores) { kernels.pack(plan, part: $0, pixels: b, workspace) }
                let answer = try image(pixels, channels)
                let mixed = run(back, scores, answer) { kernels.pack(back, part: $0, channels: b, workspace) }
                for p in 0..<pixels {
                    for o in 0..<others {
                        let sum = (0..<channels).reduce(0.0) {
                            $0 + Double(left[p * channels + $1]) * Double(right[o * channels + $1])
                        }
                        #expect(abs(Double(found[p * others + o]) - sum) < 1e-5 * Double(channels))
                    }
                    for c in 0..<channels {
                        let sum = (0..<others).reduce(0.0) {
                            $0 + Double(found[p * others + $1]) * Double(right[$1 * channels + c])
                        }
                        #expect(abs(Double(mixed[p * channels + c]) - sum) < 1e-4 * Double(others))
                    }
                }
                for p in 0..<pixels { kernels.softmax(scores, pixel: p, scale: 0.5) }
                let shares = scores.withNumbers { Array($0) }
                for p in 0..<pixels {
                    let row = found[p * others..<(p + 1) * others].map { Double($0) * 0.5 }
                    let largest = row.max() ?? 0
                    let total = row.reduce(0.0) { $0 + exp($1 - largest) }
                    for o in 0..<others {
                        #expect(abs(Double(shares[p * others + o]) - exp(row[o] - largest) / total) < 1e-6)
                    }
                }
            }
        }
    }
}
