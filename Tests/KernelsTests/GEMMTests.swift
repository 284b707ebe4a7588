import DalleKernels
import TestSupport
import Testing

/// Every version of the matrix products against sums in double precision: odd sizes, strides, guarded outputs.
@Suite struct GEMMTests {
    static let versions = [ReferenceKernels.scalar, .openBLAS]
    static let sizes = [1, 2, 3, 7, 16, 17, 63, 64, 65, 130]

    @Test(arguments: 0..<2, sizes)
    func productsAreRight(_ version: Int, _ k: Int) {
        let kernels = Self.versions[version]
        var generator = SeededGenerator(seed: UInt64(k))
        for (m, n) in [(1, 1), (2, 33), (5, 8), (17, 64), (64, 3)] {
            let (xStride, wStride, bStride, yStride) = (k + 3, k + 1, n + 2, n + 5)
            let x = (0..<m * xStride).map { _ in generator.normal() }
            let w = (0..<n * wStride).map { _ in generator.normal() }
            let b = (0..<k * bStride).map { _ in generator.normal() }
            let start = 7
            let untouched: Float = -12345
            for isTransposed in [true, false] {
                var y = [Float](repeating: untouched, count: start + m * yStride)
                var span = y.mutableSpan
                if isTransposed {
                    kernels.multiply(
                        x.span, stride: xStride, transposed: w.span, stride: wStride, into: &span, at: start,
                        stride: yStride, m: m, n: n, k: k)
                } else {
                    kernels.multiply(
                        x.span, stride: xStride, by: b.span, stride: bStride, into: &span, at: start, stride: yStride,
                        m: m, n: n, k: k)
                }
                #expect(y[..<start].allSatisfy { $0 == untouched })
                for i in 0..<m {
                    for j in 0..<yStride {
                        let value = y[start + i * yStride + j]
                        guard j < n else {
                            #expect(value == untouched)
                            continue
                        }
                        var sum = 0.0
                        var size = 0.0
                        for l in 0..<k {
                            let other = isTransposed ? w[j * wStride + l] : b[l * bStride + j]
                            let product = Double(x[i * xStride + l]) * Double(other)
                            sum += product
                            size += abs(product)
                        }
                        #expect(abs(Double(value) - sum) <= 1e-6 * size, "\(kernels) \(m)×\(n)×\(k) at \(i),\(j)")
                    }
                }
            }
        }
    }
}
