import CKernels
import Foundation
import Testing

/// Convolutions and what goes before and after them: the plain kernels against double precision, the others against the
/// plain ones bit for bit, unless they are allowed to fuse.
@Suite struct ConvolutionKernelTests {
    static let cases: [ConvolutionCase] = [false, true].flatMap { isOfBytes in
        // Pixels that are cut into pieces of every size.
        [
            (1, 1, 1), (3, 32, 5), (16, 7, 16), (17, 31, 17), (64, 32, 33), (65, 3, 48), (130, 16, 70), (40, 20, 2),
            (20, 6, 3), (33, 32, 4), (64, 18, 6), (18, 20, 7), (65, 9, 10),
        ].enumerated().map {
            ConvolutionCase($0, isOfBytes: isOfBytes, inputs: $1.0, outputs: $1.1, pixels: $1.2)
        }
    }

    @Test(arguments: cases.indices) func inputsArePrepared(_ number: Int) {
        let layer = Self.cases[number]
        let results = KernelTable.withScalar.map { layer.prepare($0.kernels) }
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result.hasSameBits(as: results[0]) && result.isIntact, "\(level.name) \(number)")
        }
        for pixel in 0..<layer.width {
            // A byte is off by half a step; 255 steps reach from the minimum of swish to the largest number.
            let bound = layer.isOfBytes ? 0.501 * layer.scale(results[0], 0, pixel) + 1e-6 : 1e-5
            for channel in 0..<layer.inputs {
                let (found, expected) = (layer.stored(results[0], 0, pixel, channel), layer.prepared(0, pixel, channel))
                #expect(abs(found - expected) <= bound, "\(number) at \(pixel), \(channel)")
            }
        }
    }

    @Test(arguments: cases.indices, [false, true]) func convolutionsAreRight(_ number: Int, _ fused: Bool) {
        let layer = Self.cases[number]
        let (scalar, input) = (KernelTable.withScalar[0].kernels, layer.prepare(KernelTable.withScalar[0].kernels))
        let (panel, sums) = layer.pack(scalar)
        for level in KernelTable.all {
            let packed = layer.pack(level.kernels)
            #expect(packed.panel.hasSameBits(as: panel) && packed.sums.hasSameBits(as: sums), "\(level.name)")
        }
        let results = KernelTable.withScalar.map { layer.convolve($0.kernels, input, panel, sums, fused: fused) }
        for tile in ConvolvedTile.agreeing(results, isFused: fused && !layer.isOfBytes, number) {
            tile.check(number) { $1 % 5 == 0 ? layer.expected(input, $0, $1, $2) : nil }
        }
    }

    /// Weights in 16 bits, packed like the floats that they stand for.
    @Test(arguments: [1, 16, 30, 65]) func halvesArePackedAsFloats(_ inputs: Int) {
        var random = RandomNumbers(seed: inputs)
        let (taps, outputs) = (3, 19), w = random.floats(outputs * taps * inputs)
        let count = (inputs + 15) / 16 * taps * 16 * Int(CK_PANEL)
        for isHalf in [true, false] {
            let words = Guarded(w.map { isHalf ? Float16($0).bitPattern : UInt16($0.bitPattern >> 16) })
            let floats = Guarded(
                words.elements.map { isHalf ? Float(Float16(bitPattern: $0)) : Float(bitPattern: UInt32($0) << 16) })
            let expected = Guarded<Float>(count)
            KernelTable.withScalar[0].kernels.pack_weights_f32(
                outputs, taps, inputs, floats.start, taps * inputs, expected.start)
            for level in KernelTable.withScalar {
                let panel = Guarded<Float>(count)
                let pack = isHalf ? level.kernels.pack_weights_f16 : level.kernels.pack_weights_bf16
                pack(outputs, taps, inputs, words.start, taps * inputs, panel.start)
                #expect(panel.hasSameBits(as: expected) && panel.isIntact, "\(level.name)")
            }
        }
    }

    @Test(arguments: RowKernelTests.widths) func softmaxIsRight(_ k: Int) {
        var random = RandomNumbers(seed: k)
        let row = random.floats(k)
        let results = KernelTable.withScalar.map { level in
            let x = Guarded(row)
            level.kernels.softmax(k, x.start, 0.8)
            return x
        }
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result.hasSameBits(as: results[0]) && result.isIntact, "\(level.name)")
        }
        let weights = row.map { exp(Double($0) * Double(0.8 as Float)) }, total = weights.reduce(0, +)
        for (found, weight) in zip(results[0].elements, weights) {
            #expect(abs(Double(found) - weight / total) <= 1e-6)
        }
    }
}
