import DalleFormat

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// OpenBLAS, loaded when a product is first asked of it: it starts its threads and takes their memory at once, which a
/// command that never needs it should neither wait for nor pay.
struct OpenBLAS: Sendable {
    // The C interface of BLAS: numbers for its choices, 32 bits for sizes.
    private typealias Product =
        @convention(c) (
            Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32,
            Float, UnsafeMutablePointer<Float>, Int32
        ) -> Void
    private typealias SetThreads = @convention(c) (Int32) -> Void

    private static let (rowMajor, plain, transposed): (Int32, Int32, Int32) = (101, 111, 112)

    private let product: Product
    private let setThreads: SetThreads

    #if canImport(Darwin)
        private static let names = [
            "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib",
            "libopenblas.dylib",
        ]
    #else
        private static let names = ["libopenblas.so.0", "libopenblas.so"]
    #endif

    /// Address space that each of its threads takes for good when it starts. Without it OpenBLAS (0.3.21) tries again for
    /// ever, and so does a process that wants to end.
    private static let byteCountOfThread = 128 << 20
    /// Its own code and tables.
    private static let byteCount = 64 << 20

    /// - Parameter threads: That it starts, and that one product may use.
    init(threads: Int) throws(DalleError) {
        try Self.requireSpace(threads)
        let variable = "OPENBLAS_NUM_THREADS"
        let isChosen = getenv(variable) != nil
        // Read while it is loaded.
        if !isChosen { setenv(variable, "\(threads)", 1) }
        defer { if !isChosen { unsetenv(variable) } }
        var reason = ""
        for name in Self.names {
            guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
                if reason.isEmpty { reason = dlerror().map { String(cString: $0) } ?? name }
                continue
            }
            guard let product = dlsym(library, "cblas_sgemm"),
                let setThreads = dlsym(library, "openblas_set_num_threads")
            else {
                throw DalleError(.missingInput, "\(name) is no OpenBLAS", remedy: "Install OpenBLAS again")
            }
            self.product = unsafeBitCast(product, to: Product.self)
            self.setThreads = unsafeBitCast(setThreads, to: SetThreads.self)
            return
        }
        throw DalleError(
            .missingInput, "OpenBLAS cannot be loaded: \(reason)",
            remedy: "Install it (Debian's libopenblas0, Homebrew's openblas); the fast route needs none")
    }

    func use(threads: Int) { setThreads(Int32(clamping: threads)) }

    /// y[m,n] = x[m,k] · other[k,n], or · other[n,k]ᵀ.
    func multiply(
        _ m: Int, _ n: Int, _ k: Int, _ x: UnsafePointer<Float>, _ xStride: Int, _ other: UnsafePointer<Float>,
        _ otherStride: Int, isTransposed: Bool, into y: UnsafeMutablePointer<Float>, _ yStride: Int
    ) {
        product(
            Self.rowMajor, Self.plain, isTransposed ? Self.transposed : Self.plain, Int32(m), Int32(n), Int32(k), 1, x,
            Int32(xStride), other, Int32(otherStride), 0, y, Int32(yStride))
    }

    private static func requireSpace(_ threads: Int) throws(DalleError) {
        let byteCount = byteCount + max(threads, 1) * byteCountOfThread
        do throws(DalleError) {
            try SystemMemory.require(byteCount, for: "OpenBLAS with \(threads) threads")
        } catch {
            throw DalleError(
                .noMemory,
                "there is not enough memory for OpenBLAS: \(byteCount >> 20) MiB of address space for \(threads) threads",
                remedy: "Allow more (ulimit -v), use fewer threads, or the fast route")
        }
    }
}
