import CKernels
import Foundation
import Testing

/// Kernels for rows of floats: the plain ones against double precision, the others against the plain ones bit for bit.
@Suite struct RowKernelTests {
    static let widths = [1, 2, 7, 15, 16, 17, 31, 33, 64, 65, 130, 1000]
    /// Ordinary numbers, some that are hardly more than zero, some near the limit of float16.
    static let sizes: [Float] = [1, 1e-38, 60_000]

    /// What a kernel makes of a row on each level, the plain one first; all the same.
    private static func onAllInstructionSets<Element>(
        _ name: String, _ k: Int, _ body: (ck_kernels, Guarded<Element>) -> Void, from row: [Element]? = nil
    ) -> [Element] {
        let results = KernelTable.withScalar.map { level in
            let result = row.map { Guarded($0) } ?? Guarded<Element>(k)
            body(level.kernels, result)
            #expect(result.isIntact, "\(name) \(k) \(level.name)")
            return result
        }
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result.hasSameBits(as: results[0]), "\(name) \(k) \(level.name)")
        }
        return results[0].elements
    }

    private static func expectClose(_ found: [Float], _ expected: [Double], within bound: Double, _ name: String) {
        for (found, expected) in zip(found, expected) {
            #expect(abs(Double(found) - expected) <= bound * max(1, abs(expected)), "\(name): \(found) \(expected)")
        }
    }

    @Test(arguments: widths, sizes) func bytesAreTheNearest(_ k: Int, _ size: Float) {
        var random = RandomNumbers(seed: k)
        let row = random.floats(k).map { $0 * size }, x = Guarded(row)
        let padded = (k + 63) / 64 * 64
        var scales: [Float] = [], sums: [Int32] = []
        let bytes = Self.onAllInstructionSets(
            "quantize", padded,
            { (kernels, bytes: Guarded<Int8>) in
                var (scale, sum) = (0 as Float, 0 as Int32)
                kernels.quantize_activations(k, x.start, padded, bytes.start, &scale, &sum)
                scales.append(scale)
                sums.append(sum)
            })
        #expect(Set(scales.map(\.bitPattern)).count == 1 && Set(sums).count == 1)
        #expect(sums[0] == bytes.reduce(0) { $0 + Int32($1) } && bytes[k...].allSatisfy { $0 == 0 })
        let largest = row.map(abs).max() ?? 0
        #expect(scales[0] == largest / 127)
        guard largest > 1e-36 else { return }
        for (byte, value) in zip(bytes, row) {
            #expect(abs(Double(byte) * Double(scales[0]) - Double(value)) <= 0.50001 * Double(scales[0]))
        }
    }

    @Test(arguments: widths, 0..<8) func normsAreRight(_ k: Int, _ mode: Int) {
        var random = RandomNumbers(seed: k + mode)
        let row = random.floats(k).map { $0 + 0.5 }, scale = random.floats(k), bias = random.floats(k)
        let x = Guarded(row), factors = Guarded(scale), offsets = Guarded(bias)
        let isCentered = mode & 1 == 1
        let (hasScale, hasBias) = (mode & 2 == 2, mode & 4 == 4)
        let found = Self.onAllInstructionSets(
            "norm", k,
            { (kernels, y: Guarded<Float>) in
                kernels.normalize(
                    k, x.start, isCentered ? 1 : 0, 1e-5, hasScale ? factors.start : nil, hasBias ? offsets.start : nil,
                    y.start)
            })
        let mean = isCentered ? row.reduce(0) { $0 + Double($1) } / Double(k) : 0
        let variance = row.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(k)
        let expected = row.indices.map {
            (Double(row[$0]) - mean) / (variance + 1e-5).squareRoot() * (hasScale ? Double(scale[$0]) : 1)
                + (hasBias ? Double(bias[$0]) : 0)
        }
        // One number alone is its mean but for rounding, which its norm then makes larger.
        Self.expectClose(found, expected, within: k == 1 && isCentered ? 1e-3 : 2e-5, "norm \(k)")
        let inPlace = Self.onAllInstructionSets(
            "norm in place", k,
            { (kernels, y: Guarded<Float>) in
                kernels.normalize(
                    k, y.start, isCentered ? 1 : 0, 1e-5, hasScale ? factors.start : nil,
                    hasBias ? offsets.start : nil, y.start)
            }, from: row)
        #expect(inPlace == found)
    }

    @Test(arguments: widths) func sumsAndLengthsAreRight(_ k: Int) {
        var random = RandomNumbers(seed: k)
        let row = random.floats(k), other = random.floats(k), y = Guarded(other)
        let added = Self.onAllInstructionSets(
            "add", k, { (kernels, x: Guarded<Float>) in kernels.add(k, x.start, 0.7, y.start) }, from: row)
        #expect(added == row.indices.map { row[$0] * 0.7 + other[$0] })
        let unit = Self.onAllInstructionSets(
            "unit", k, { (kernels, x: Guarded<Float>) in kernels.l2_normalize(k, x.start) }, from: row)
        let length = row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() + 1e-8
        Self.expectClose(unit, row.map { Double($0) / length }, within: 1e-6, "unit \(k)")
    }

    private static func activated(_ activation: ck_activation, _ x: Double) -> Double {
        switch activation {
        case CK_GELU: 0.5 * x * (1 + erf(x / 2.squareRoot()))
        case CK_GELU_TANH: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case CK_RELU: max(x, 0)
        case CK_SILU: x / (1 + exp(-x))
        case CK_QUICK_GELU: x / (1 + exp(-1.702 * x))
        // Upstream's is 1/4 below −1.
        default: x >= 1 ? x : x > -1 ? (x + 1) * (x + 1) / 4 : 0.25
        }
    }

    @Test(arguments: widths, [CK_GELU, CK_GELU_TANH, CK_RELU, CK_SILU, CK_QUICK_GELU, CK_SMELU].map(\.rawValue))
    func activationsAreRight(_ k: Int, _ number: UInt32) {
        let activation = ck_activation(rawValue: number)
        var random = RandomNumbers(seed: k)
        for (size, isGated) in [(1, false), (5, true), (1e30, false)] as [(Float, Bool)] {
            let row = random.floats(k).map { $0 * size }, factors = random.floats(k), gate = Guarded(factors)
            let found = Self.onAllInstructionSets(
                "activate", k,
                { (kernels, x: Guarded<Float>) in
                    kernels.activate(k, activation, x.start, isGated ? gate.start : nil)
                }, from: row)
            guard size < 100 else { continue }
            let expected = row.indices.map {
                Self.activated(activation, Double(row[$0])) * (isGated ? Double(factors[$0]) : 1)
            }
            Self.expectClose(found, expected, within: 2e-6, "activation \(number)")
        }
    }

    @Test func float16NumbersConvertExactly() {
        let all = Guarded(Array(UInt16.min...UInt16.max).filter { !Float16(bitPattern: $0).isNaN })
        let found = Self.onAllInstructionSets(
            "from half", all.count, { (kernels, y: Guarded<Float>) in kernels.from_f16(all.count, all.start, y.start) }
        )
        #expect(found.map(\.bitPattern) == all.elements.map { Float(Float16(bitPattern: $0)).bitPattern })
        let nan = Guarded([0x7C01, 0x7E00, 0xFFFF] as [UInt16])
        for level in KernelTable.withScalar {
            let y = Guarded<Float>(3)
            level.kernels.from_f16(3, nan.start, y.start)
            #expect(y.elements.allSatisfy { $0.isNaN }, "\(level.name)")
        }
    }

    @Test(arguments: widths, sizes) func maxAbsIsExact(_ k: Int, _ size: Float) {
        var random = RandomNumbers(seed: k)
        let row = random.floats(k).map { $0 * size }
        for (last, expected) in [
            (row[k - 1], row.map(abs).max()), (-1e38, 1e38), (-.infinity, .infinity), (.nan, nil), (-.nan, nil),
        ] as [(Float, Float?)] {
            let x = Guarded(row.dropLast() + [last])
            for level in KernelTable.withScalar {
                let found = level.kernels.max_abs(k, x.start)
                #expect(expected.map { found == $0 } ?? found.isNaN, "\(level.name) \(k) \(last)")
            }
        }
    }

    /// `quantize_row_i8` of every level against numbers rounded one at a time, `error_sums_i8` against plain sums.
    @Test(arguments: [0, 64, 128, 192, 2752]) func int8WeightsAreTheNearest(_ k: Int) {
        var random = RandomNumbers(seed: k)
        for size in [1, 1e-30, 1e30] as [Float] {
            // Halves of a step among them.
            let row = random.floats(k).enumerated().map { $0 % 5 == 0 ? Float($0 % 255 - 127) / 2 : $1 * 60 }
            let scale = (row.map(abs).max() ?? 1) / 127 * size, inverse = 1 / scale
            let x = Guarded(row.map { $0 * size })
            var sums: [[Double]] = []
            let bytes = Self.onAllInstructionSets(
                "weights to bytes", k,
                { (kernels, bytes: Guarded<Int8>) in
                    var squares = [0.0, 0.0, 0.0]
                    kernels.quantize_row_i8(k, x.start, inverse, bytes.start)
                    kernels.error_sums_i8(k, x.start, bytes.start, scale, &squares)
                    sums.append(squares)
                })
            #expect(bytes == x.elements.map { Int8(($0 * inverse).rounded(.toNearestOrEven)) })
            let y = bytes.map { Float($0) * scale }
            var apart = [0.0, 0.0, 0.0]
            KernelTable.withScalar[0].kernels.error_sums(k, x.start, y, &apart)
            #expect(sums.allSatisfy { $0 == apart }, "\(k) \(size)")
            let noise = zip(x.elements, y).reduce(0.0) {
                $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
            }
            #expect(abs(apart[1] - noise) <= 1e-12 * noise)
        }
    }
}
