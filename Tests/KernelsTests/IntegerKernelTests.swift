import CKernels
import Testing

/// Weights as whole numbers: each level against the plain one, whose bits it must give.
@Suite struct IntegerKernelTests {
    static let widths = [64, 128, 192, 256, 320, 1024, 2752, 4160]

    /// Numbers of all sizes, some of them zero, in 16 groups of different ranges.
    private static func numbers(_ count: Int, _ random: inout RandomNumbers) -> [Float] {
        random.floats(count).enumerated().map { i, value in
            i / 16 % 5 == 3 ? 0 : value * Float(i / 16 % 7 + 1) * (i % 97 == 0 ? 30 : 1)
        }
    }

    /// Any byte is two numbers and any byte two codes: none leads beyond ±127.
    @Test func int4RowsUnpackToInt8() {
        let plain = KernelTable.withScalar[0].kernels
        let multipliers = [1, 2, 4, 6, 8, 10, 12, 15, -1, -2, -4, -6, -8, -10, -12, -15]
        for code in 0..<16 {
            // Byte j of 32 holds number j, and number j + 32 of their 64.
            let bytes = (0..<32).map { (j: UInt8) -> UInt8 in j % 16 | (15 - j % 16) << 4 }
            let both = UInt8(code | code << 4)
            let row = Guarded(bytes + [both, both]), found = Guarded<Int8>(64)
            plain.unpack_i4(64, row.start, found.start)
            for (i, value) in found.elements.enumerated() {
                let number = i < 32 ? i % 16 - 8 : 7 - i % 16
                #expect(Int(value) == number * multipliers[code] && value >= -127)
            }
        }
    }

    @Test(arguments: widths) func int4RowsUnpackAlike(_ k: Int) {
        var random = RandomNumbers(seed: k)
        let row = Guarded(random.bytes(k / 32 * 17))
        let results = KernelTable.withScalar.map { level in
            let bytes = Guarded<Int8>(k)
            level.kernels.unpack_i4(k, row.start, bytes.start)
            #expect(bytes.isIntact)
            return bytes
        }
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result.hasSameBits(as: results[0]), "\(level.name)")
        }
    }

    @Test(arguments: widths) func numbersAreAlike(_ k: Int) {
        var random = RandomNumbers(seed: k)
        let x = Guarded(Self.numbers(k, &random)), weights = Guarded(random.floats(k).map { abs($0) + 0.01 })
        let largest = x.elements.map(abs).max() ?? 0
        for (scale, isWeighted) in [(largest / 120, false), (largest / 126, false), (largest / 120, true), (0, false)] {
            let results = KernelTable.withScalar.map { level in
                let row = Guarded<UInt8>(k / 32 * 17)
                let error = level.kernels.quantize_row_i4(
                    k, x.start, isWeighted ? weights.start : nil, scale, row.start)
                #expect(row.isIntact)
                return (row: row, error: error)
            }
            for (level, result) in zip(KernelTable.all, results.dropFirst()) {
                #expect(result.row.hasSameBits(as: results[0].row), "\(level.name)")
                #expect(result.error.bitPattern == results[0].error.bitPattern, "\(level.name)")
            }
        }
    }

    @Test(arguments: [1, 7, 8, 9, 64, 1003]) func errorsAreAlike(_ count: Int) {
        var random = RandomNumbers(seed: count)
        let x = Guarded(random.floats(count)), y = Guarded(random.floats(count))
        let results = KernelTable.withScalar.map { level in
            var sums = [0.0, 0.0, 0.0]
            level.kernels.error_sums(count, x.start, y.start, &sums)
            return sums
        }
        for (level, result) in zip(KernelTable.all, results.dropFirst()) {
            #expect(result == results[0], "\(level.name)")
        }
    }
}
