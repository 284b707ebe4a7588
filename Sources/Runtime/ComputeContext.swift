public import DalleKernels

/// What operations run on.
public struct ComputeContext: Sendable {
    /// The two ways through every model.
    public enum Route: Sendable {
        /// Plain operations on float32, which everything is held against.
        case reference
        /// Weights as they lie in the file, this machine's kernels, a pool of threads.
        case fast
    }

    public let route: Route
    /// The matrix products of the reference route.
    public let reference: ReferenceKernels
    /// The kernels of the fast route.
    public let kernels: Kernels
    /// The threads of the fast route, and for loading weights; the reference route's products have their own setting.
    public let pool: ThreadPool

    /// Sees the inputs of the reference route's dense layers.
    public var observer: (any ActivationObserver)?
    /// The rows of those inputs that are no padding; nil for all.
    var observedRows: [Int]?

    public var threads: Int { pool.threads }

    public init(
        _ route: Route = .reference, reference: ReferenceKernels = .best, kernels: Kernels = .best, threads: Int = 1
    ) {
        self.route = route
        self.reference = reference
        self.kernels = kernels
        pool = ThreadPool(threads: threads)
    }
}
