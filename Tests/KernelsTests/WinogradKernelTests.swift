import CKernels
import Testing

/// Winograd's convolutions: the plain kernels against direct sums in double precision, the others against the plain ones
/// bit for bit, unless they are allowed to fuse.
@Suite struct WinogradKernelTests {
    /// Channels in and out, rows and columns of outputs, at most 48 tiles.
    static let cases = [
        (1, 5, 1, 1), (16, 32, 4, 8), (17, 31, 9, 13), (33, 16, 2, 63), (64, 7, 11, 5), (40, 20, 12, 64),
    ]

    private struct Layer {
        let inputs, outputs, rows, columns: Int
        let blocks, width, tileRows, tileColumns: Int
        let pixels, weights, scales, bias, residual: [Float]
        let relu: Bool

        init(_ number: Int) {
            var random = RandomNumbers(seed: number)
            (inputs, outputs, rows, columns) = WinogradKernelTests.cases[number]
            (tileRows, tileColumns) = ((rows + 3) / 4, (columns + 3) / 4)
            (blocks, width) = ((inputs + 15) / 16, 4 * tileColumns + 2)
            pixels = random.floats((4 * tileRows + 2) * blocks * width * 16)
            weights = random.floats(outputs * 9 * inputs)
            (scales, bias) = (random.floats(outputs), random.floats(outputs))
            relu = number % 2 == 1
            residual = random.floats(rows * (columns * (outputs + 3) + 5))
        }

        var yStride: Int { outputs + 3 }
        var yRowStride: Int { columns * yStride + 5 }
        var numberCount: Int { Int(CK_WINOGRAD_POINTS) * ck_winograd_stride(blocks) }

        func numbers(_ kernels: ck_kernels, fused: Bool) -> Guarded<Float> {
            let (input, numbers) = (Guarded(pixels), Guarded<Float>(numberCount))
            var tiles = ck_winograd_tiles(
                input: UnsafeRawPointer(input.start).assumingMemoryBound(to: UInt8.self),
                row_stride: blocks * width * Int(CK_PIXEL_BLOCK), block_stride: width * Int(CK_PIXEL_BLOCK),
                blocks: blocks, rows: tileRows, columns: tileColumns)
            kernels.winograd_transform_input(&tiles, fused ? 1 : 0, numbers.start)
            return numbers
        }

        func panel(_ kernels: ck_kernels) -> Guarded<Float> {
            let w = Guarded(weights), step = blocks * 16 * Int(CK_PANEL)
            let (packed, panel) = (Guarded<Float>(9 * step), Guarded<Float>(Int(CK_WINOGRAD_POINTS) * step))
            kernels.pack_weights_f32(outputs, 9, inputs, w.start, 9 * inputs, packed.start)
            kernels.winograd_transform_weights(blocks, packed.start, panel.start)
            return panel
        }

        func convolve(
            _ kernels: ck_kernels, _ numbers: Guarded<Float>, _ panel: Guarded<Float>, fused: Bool
        ) -> ConvolvedTile {
            let y = Guarded<Float>((rows - 1) * yRowStride + (columns - 1) * yStride + outputs)
            let (statistics, bias, scales) = (Guarded<Float>(2 * outputs), Guarded(bias), Guarded(scales))
            let residual = Guarded(residual[..<y.count])
            let offsets = Guarded((0..<blocks).map { $0 * Int(CK_WINOGRAD_TILES * CK_PIXEL_BLOCK) })
            let sums = Guarded<Float>(Int(CK_WINOGRAD_POINTS * CK_WINOGRAD_SUMS_STRIDE))
            var tile = ck_convolution(
                input: UnsafeRawPointer(numbers.start).assumingMemoryBound(to: UInt8.self), row_stride: 0,
                offsets: offsets.start, steps: blocks, taps: 9, rows: rows, pixels: columns, panel: panel.start,
                outputs: outputs, output_scales: scales.start, bias: bias.start, scales: nil, scale_offsets: nil,
                weight_sums: nil, zero: 0, minimum: 0, residual: residual.start, relu: relu ? 1 : 0,
                y: y.start, y_stride: yStride, y_row_stride: yRowStride, statistics: statistics.start,
                statistics_stride: outputs)
            kernels.winograd_convolve(&tile, fused ? 1 : 0, sums.start)
            #expect(sums.isIntact)
            return ConvolvedTile(
                y: y, statistics: statistics, rows: rows, columns: columns, outputs: outputs,
                strides: (yRowStride, yStride))
        }

        /// An output, and the sum of magnitudes in it.
        func expected(_ row: Int, _ column: Int, _ output: Int) -> (value: Double, size: Double) {
            var sum = Double(bias[output]) + Double(residual[row * yRowStride + column * yStride + output])
            var size = abs(sum)
            for tap in 0..<9 {
                for channel in 0..<inputs {
                    let block = ((row + tap / 3) * blocks + channel / 16) * width + column + tap % 3
                    let weight = Double(weights[(output * 9 + tap) * inputs + channel])
                    let product = weight * Double(scales[output]) * Double(pixels[block * 16 + channel % 16])
                    sum += product
                    size += abs(product)
                }
            }
            return (relu ? max(sum, 0) : sum, size)
        }
    }

    @Test(arguments: cases.indices, [false, true]) func winogradConvolutionIsRight(_ number: Int, _ fused: Bool) {
        let layer = Layer(number)
        let results = KernelTable.withScalar.map { level in
            let (numbers, panel) = (layer.numbers(level.kernels, fused: fused), layer.panel(level.kernels))
            let tile = layer.convolve(level.kernels, numbers, panel, fused: fused)
            return (numbers: numbers, panel: panel, tile: tile)
        }
        // Levels that fuse give the same bits among each other.
        let twin = results[fused && results.count > 1 ? 1 : 0]
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result.panel.hasSameBits(as: results[0].panel) && result.panel.isIntact, "\(level.name) \(number)")
            #expect(result.numbers.hasSameBits(as: twin.numbers) && result.numbers.isIntact, "\(level.name) \(number)")
        }
        for tile in ConvolvedTile.agreeing(results.map(\.tile), isFused: fused, number) {
            tile.check(number) { layer.expected($0, $1, $2) }
        }
    }
}
