import CKernels
import Testing

/// Products with weights in floats: each level against sums in double precision, and levels that fuse against each other.
@Suite struct FloatProductTests {
    enum Weights: CaseIterable {
        case float32, float16, bfloat16

        var byteCount: Int { self == .float32 ? 4 : 2 }

        func encode(_ value: Float, to place: UnsafeMutableRawPointer) {
            switch self {
            case .float32: place.storeBytes(of: value, as: Float.self)
            case .float16: place.storeBytes(of: Float16(value).bitPattern, as: UInt16.self)
            case .bfloat16: place.storeBytes(of: UInt16(value.bitPattern >> 16), as: UInt16.self)
            }
        }

        func value(_ value: Float) -> Double {
            switch self {
            case .float32: Double(value)
            case .float16: Double(Float16(value))
            case .bfloat16: Double(Float(bitPattern: value.bitPattern & 0xFFFF_0000))
            }
        }
    }

    static let widths = [1, 2, 7, 15, 16, 17, 33, 64, 130, 250, 1300]
    static let shapes = [(1, 1), (2, 3), (3, 2), (4, 6), (5, 7), (9, 1), (8, 13), (35, 17)]

    /// The result of one product, with gaps between its rows.
    private static func product(
        _ level: KernelTable, _ weights: Weights, _ w: [Float], _ x: [Float], rows: Int, batch: Int, k: Int,
        strides: (w: Int, x: Int, y: Int)
    ) -> Guarded<Float> {
        let bytes = Guarded<UInt8>(w.count * weights.byteCount), inputs = Guarded(x)
        for (i, value) in w.enumerated() { weights.encode(value, to: bytes.start + i * weights.byteCount) }
        let y = Guarded<Float>((batch - 1) * strides.y + rows)
        let output = ck_output(values: y.start, stride: strides.y)
        let raw = UnsafeRawPointer(bytes.start)
        switch weights {
        case .float32:
            level.kernels.gemm_f32(
                rows, batch, k, raw.assumingMemoryBound(to: Float.self), strides.w, inputs.start, strides.x, output)
        case .float16:
            level.kernels.gemm_f16(
                rows, batch, k, raw.assumingMemoryBound(to: UInt16.self), strides.w, inputs.start, strides.x, output)
        case .bfloat16:
            level.kernels.gemm_bf16(
                rows, batch, k, raw.assumingMemoryBound(to: UInt16.self), strides.w, inputs.start, strides.x, output)
        }
        #expect(y.isIntact)
        return y
    }

    @Test(arguments: Weights.allCases, widths)
    func productsAreRight(_ weights: Weights, _ k: Int) {
        var random = RandomNumbers(seed: k)
        for (rows, batch) in Self.shapes {
            let strides = (w: k + random.below(5), x: k + random.below(5), y: rows + random.below(3))
            let w = random.floats((rows - 1) * strides.w + k), x = random.floats((batch - 1) * strides.x + k)
            let results = KernelTable.withScalar.map {
                Self.product($0, weights, w, x, rows: rows, batch: batch, k: k, strides: strides)
            }
            for b in 0..<batch {
                for r in 0..<(b + 1 < batch ? strides.y : rows) {
                    let place = b * strides.y + r
                    guard r < rows else {
                        #expect(results.allSatisfy { $0.isUntouched(place) })
                        continue
                    }
                    var (sum, size) = (0.0, 0.0)
                    for i in 0..<k {
                        let product = weights.value(w[r * strides.w + i]) * Double(x[b * strides.x + i])
                        sum += product
                        size += abs(product)
                    }
                    for (level, result) in zip(KernelTable.withScalar, results) {
                        let difference = abs(Double(result.start[place]) - sum)
                        #expect(difference <= 1e-6 * size, "\(level.name) \(rows)×\(batch)×\(k) at \(r), \(b)")
                    }
                }
            }
            // The plain kernels round products before they add them; those on tiles add in another order.
            for (level, result) in zip(KernelTable.all, results.dropFirst()) where !level.hasOwnOrder(weights) {
                #expect(result.hasSameBits(as: results[1]), "\(level.name) \(rows)×\(batch)×\(k)")
            }
        }
    }

    /// A number does not depend on what is computed with it.
    @Test(arguments: KernelTable.withScalar, Weights.allCases)
    func cutsChangeNoBit(_ level: KernelTable, _ weights: Weights) {
        var random = RandomNumbers(seed: 3)
        for (rows, batch, k) in [(5, 4, 33), (37, 7, 100), (33, 19, 700)] {
            let w = random.floats(rows * k), x = random.floats(batch * k)
            let whole = Self.product(level, weights, w, x, rows: rows, batch: batch, k: k, strides: (k, k, rows))
            for _ in 0..<10 {
                let (r, b) = (random.below(rows), random.below(batch))
                let part = Self.product(
                    level, weights, Array(w[r * k..<(r + 1) * k]), Array(x[b * k..<(b + 1) * k]), rows: 1, batch: 1,
                    k: k,
                    strides: (k, k, 1))
                #expect(part.start[0].bitPattern == whole.start[b * rows + r].bitPattern, "\(level.name) \(r), \(b)")
            }
        }
    }
}

extension KernelTable {
    fileprivate func hasOwnOrder(_ weights: FloatProductTests.Weights) -> Bool {
        weights == .bfloat16 && name.hasPrefix("amx")
    }
}

/// Products with weights in whole numbers: exact, so each level gives the bits that the plain loops give.
@Suite struct ByteProductTests {
    static let widths = [1, 31, 32, 33, 64, 96, 128, 160, 191, 224, 500, 1000, 4100]
    static let shapes = [
        (1, 1), (1, 9), (2, 2), (3, 5), (4, 3), (7, 4), (8, 1), (9, 2), (13, 6), (16, 8), (17, 16), (31, 17), (33, 18),
        (48, 32), (50, 35),
    ]

    /// Inputs from −127 to 127 in padded rows, for some of them only the largest magnitudes.
    private struct Inputs {
        let bytes: Guarded<Int8>
        let scales: Guarded<Float>
        let sums: Guarded<Int32>
        let stride: Int

        init(_ batch: Int, _ k: Int, _ random: inout RandomNumbers) {
            stride = (k + 63) / 64 * 64
            bytes = Guarded<Int8>(batch * stride)
            scales = Guarded(random.floats(batch))
            sums = Guarded<Int32>(batch)
            for b in 0..<batch {
                let isExtreme = random.below(3) == 0
                var sum = 0 as Int32
                for (i, byte) in random.bytes(k).enumerated() {
                    let value = isExtreme ? (byte < 128 ? -127 : 127) : max(Int8(bitPattern: byte), -127)
                    bytes.start[b * stride + i] = value
                    sum += Int32(value)
                }
                for i in k..<stride { bytes.start[b * stride + i] = 0 }
                sums.start[b] = sum
            }
        }

        var c: ck_bytes { ck_bytes(values: bytes.start, stride: stride, scales: scales.start, sums: sums.start) }
    }

    @Test(arguments: widths) func int8IsExact(_ k: Int) {
        var random = RandomNumbers(seed: k)
        for (rows, batch) in Self.shapes {
            let x = Inputs(batch, k, &random)
            let (wStride, yStride) = (x.stride + 64 * random.below(2), rows + random.below(3))
            // −128 is in no file of ours, but can be in one.
            let w = Guarded(
                random.bytes((rows - 1) * wStride + x.stride).map { Int8(bitPattern: $0 % 7 == 0 ? 128 : $0) })
            let scales = Guarded(random.floats(rows))
            let results = KernelTable.withScalar.map { level in
                let y = Guarded<Float>((batch - 1) * yStride + rows)
                level.kernels.gemm_i8(
                    rows, batch, x.stride, w.start, wStride, scales.start, x.c,
                    ck_output(values: y.start, stride: yStride))
                #expect(y.isIntact)
                return y
            }
            for (level, result) in zip(KernelTable.all, results.dropFirst()) {
                #expect(result.hasSameBits(as: results[0]), "\(level.name) \(rows)×\(batch)×\(k)")
            }
            let (r, b) = (random.below(rows), random.below(batch))
            var sum = 0 as Int32
            for i in 0..<x.stride { sum += Int32(w.start[r * wStride + i]) * Int32(x.bytes.start[b * x.stride + i]) }
            let expected = Float(sum) * (scales.start[r] * x.scales.start[b])
            #expect(results[0].start[b * yStride + r] == expected)
        }
    }

    /// `gemm_i4` against `gemm_i8` of the plain loops on rows that `unpack_i4` of the plain loops made.
    @Test(arguments: widths + [9000]) func int4IsExact(_ k: Int) {
        var random = RandomNumbers(seed: k)
        for (rows, batch) in Self.shapes { expectExpanded(k, rows, batch, &random) }
    }

    /// The widest row: fewer fit the stack.
    @Test func int4RowOfMaximumWidthIsExact() {
        var random = RandomNumbers(seed: 1)
        for (rows, batch) in [(1, 1), (3, 2), (9, 3)] { expectExpanded(1 << 16, rows, batch, &random) }
    }

    private func expectExpanded(_ k: Int, _ rows: Int, _ batch: Int, _ random: inout RandomNumbers) {
        let x = Inputs(batch, k, &random)
        let minimum = x.stride / 32 * 17, wStride = minimum + random.below(3), yStride = rows + random.below(3)
        let w = Guarded(random.bytes((rows - 1) * wStride + minimum)), scales = Guarded(random.floats(rows))
        let plain = KernelTable.withScalar[0].kernels
        let expanded = Guarded<Int8>(rows * x.stride)
        for r in 0..<rows { plain.unpack_i4(x.stride, w.start + r * wStride, expanded.start + r * x.stride) }
        let expected = Guarded<Float>((batch - 1) * yStride + rows)
        plain.gemm_i8(
            rows, batch, x.stride, expanded.start, x.stride, scales.start, x.c,
            ck_output(values: expected.start, stride: yStride))
        for level in KernelTable.withScalar {
            let y = Guarded<Float>((batch - 1) * yStride + rows)
            level.kernels.gemm_i4(
                rows, batch, x.stride, w.start, wStride, scales.start, x.c,
                ck_output(values: y.start, stride: yStride))
            #expect(y.isIntact && y.hasSameBits(as: expected), "\(level.name) \(rows)×\(batch)×\(k)")
        }
    }
}
