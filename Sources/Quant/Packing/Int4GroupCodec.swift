import DalleFormat
import DalleKernels

/// 4-bit numbers from −8 to 7, a float16 scale for each group of 32, chosen by the least squared error.
///
/// A scale may be negative: then the number of largest magnitude, whatever its sign, can become −8.
struct Int4GroupCodec: RowCodec {
    /// What the number of largest magnitude becomes before it is rounded and cut off: of these scales the one with the
    /// least squared error is taken. Steps of a quarter around −8; all from −12 to 12 are 0.01 dB better.
    static let leastError: [Float] = [-8, -8.25, -7.75, -8.5, -7.5, -8.75, -7.25, -7]

    /// Nil for no choice: the number of largest magnitude becomes −8.
    let candidates: [Float]?

    /// A weight for each number of a row, padded as rows are.
    private(set) var weights: [Float]?

    var coding: PackedRows.Coding { .int4 }

    init(candidates: [Float]? = Self.leastError) { self.candidates = candidates }

    /// With a weight for the error of each column.
    func weighted(_ weights: [Float]?) -> Int4GroupCodec {
        var codec = self
        codec.weights = weights.map {
            $0 + [Float](repeating: 1, count: RowReader.padded($0.count) - $0.count)
        }
        return codec
    }

    func pack(
        _ row: UnsafeBufferPointer<Float>, values: UnsafeMutableRawBufferPointer, scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        let groups = scales.count / 2
        var factors = [Float](repeating: 0, count: groups)
        factors.withUnsafeMutableBufferPointer {
            QuantizationKernels.int4Scales(row, weights: weights, candidates: candidates, into: $0)
        }
        for group in 0..<groups {
            let bits = FloatBits.half(factors[group])
            guard bits & 0x7C00 != 0x7C00 else {
                throw DalleError(
                    .badData, "is too large for the float16 scales of 4-bit numbers",
                    remedy: "Give it another type with --keep REGEX=TYPE")
            }
            // Too small for float16: all numbers of the group become 0.
            let isZero = bits & 0x7FFF == 0
            scales.storeBytes(of: (isZero ? 0 : bits).littleEndian, toByteOffset: 2 * group, as: UInt16.self)
            factors[group] = isZero ? 0 : 1 / FloatBits.float(half: bits)
        }
        factors.withUnsafeBufferPointer {
            QuantizationKernels.int4(row, inverses: $0, into: values.assumingMemoryBound(to: UInt8.self))
        }
    }
}
