private import CKernels
public import DalleFormat
import DalleThreads

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The products of the reference route: float matrices, in plain loops or by OpenBLAS.
///
/// Matrices are row-major; a stride is the distance between rows in elements. A result goes to `start` of its span.
public struct ReferenceKernels: Sendable {
    private enum Version: Sendable { case scalar, openBLAS }

    private let version: Version

    /// Plain loops, which the others are tested against.
    public static let scalar = ReferenceKernels(version: .scalar)
    /// OpenBLAS, which picks its own instruction set.
    public static let openBLAS = ReferenceKernels(version: .openBLAS)

    /// The best of this machine, or what the environment variable `DALLE_ISA` lowers it to.
    public static let best = getenv("DALLE_ISA").map { String(cString: $0) } == "scalar" ? scalar : openBLAS

    private static let loaded = Monitor<Result<OpenBLAS, DalleError>?>(nil)

    /// Makes the products ready: OpenBLAS is loaded when this is first called, or the first product. Where it cannot be, plain
    /// loops take its place.
    ///
    /// - Parameter threads: That one product may use, in the whole process.
    /// - Throws: `missingInput` when OpenBLAS cannot be loaded, `noMemory` when there is too little for it.
    public func prepare(threads: Int) throws(DalleError) {
        guard version == .openBLAS else { return }
        try Self.openBLAS(threads: max(threads, 1)).get().use(threads: max(threads, 1))
    }

    private static func openBLAS(threads: Int) -> Result<OpenBLAS, DalleError> {
        loaded.withLock { loaded in
            if let loaded { return loaded }
            let result = Result { () throws(DalleError) in try OpenBLAS(threads: threads) }
            loaded = result
            return result
        }
    }

    /// y[m,n] = x[m,k] · w[n,k]ᵀ: a dense layer whose weight matrix has a row for each output.
    public func multiply(
        _ x: Span<Float>, stride xStride: Int, transposed w: Span<Float>, stride wStride: Int,
        into y: inout MutableSpan<Float>, at start: Int = 0, stride yStride: Int, m: Int, n: Int, k: Int
    ) {
        guard m > 0, n > 0 else { return }
        Self.require(w.count, n, k, wStride)
        multiply(
            x, xStride, w, wStride, isTransposed: true, into: &y, at: start, stride: yStride, m: m, n: n, k: k)
    }

    /// y[m,n] = x[m,k] · b[k,n].
    public func multiply(
        _ x: Span<Float>, stride xStride: Int, by b: Span<Float>, stride bStride: Int,
        into y: inout MutableSpan<Float>, at start: Int = 0, stride yStride: Int, m: Int, n: Int, k: Int
    ) {
        guard m > 0, n > 0 else { return }
        Self.require(b.count, k, n, bStride)
        multiply(
            x, xStride, b, bStride, isTransposed: false, into: &y, at: start, stride: yStride, m: m, n: n, k: k)
    }

    private func multiply(
        _ x: Span<Float>, _ xStride: Int, _ other: Span<Float>, _ otherStride: Int, isTransposed: Bool,
        into y: inout MutableSpan<Float>, at start: Int, stride yStride: Int, m: Int, n: Int, k: Int
    ) {
        Self.require(x.count, m, k, xStride)
        Self.require(y.count - start, m, n, yStride)
        x.withUnsafeBufferPointer { x in
            other.withUnsafeBufferPointer { other in
                y.withUnsafeMutableBufferPointer { y in
                    guard let x = x.baseAddress, let other = other.baseAddress,
                        let y = y.baseAddress.map({ $0 + start })
                    else { return }
                    if version == .openBLAS, case .success(let library) = Self.openBLAS(threads: 1) {
                        library.multiply(
                            m, n, k, x, xStride, other, otherStride, isTransposed: isTransposed, into: y, yStride)
                    } else {
                        let product = isTransposed ? ck_gemm_nt : ck_gemm_nn
                        product(m, n, k, x, xStride, other, otherStride, y, yStride)
                    }
                }
            }
        }
    }

    /// C code gets no length that was not checked here.
    private static func require(_ count: Int, _ rows: Int, _ columns: Int, _ stride: Int) {
        precondition(rows > 0 && columns > 0 && stride >= columns && (rows - 1) * stride + columns <= count)
    }
}
