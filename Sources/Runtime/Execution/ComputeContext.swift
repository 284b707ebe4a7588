import DalleFormat
public import DalleKernels
package import DalleThreads
import Foundation

/// What operations run on.
///
/// Several models, generators and threads may share one: its threads work for one of them at a time, the others use their
/// own, and the results are the same.
public struct ComputeContext: Sendable {
    /// The two ways through every model.
    public enum Route: String, CaseIterable, Sendable {
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
    /// The threads of the fast route.
    package let pool: ThreadPool
    /// Threads to be used, also for loading weights and for a product of the reference route.
    public let threads: Int

    /// Sees the inputs of the reference route's dense layers.
    public var observer: (any ActivationObserver)?
    /// The rows of those inputs that are no padding; nil for all.
    var observedRows: [Int]?

    /// - Parameter threads: nil takes all processors that this process may use.
    public init(
        _ route: Route = .fast, reference: ReferenceKernels = .best, kernels: Kernels = .best, threads: Int? = nil
    ) {
        self.route = route
        self.reference = reference
        self.kernels = kernels
        let wanted = threads ?? ProcessInfo.processInfo.activeProcessorCount
        pool = ThreadPool(threads: route == .fast ? wanted : 1)
        self.threads = route == .fast ? pool.threads : max(wanted, 1)
    }

    /// Makes the reference route's products ready, where something is about to use them.
    ///
    /// - Throws: `missingInput` when OpenBLAS cannot be loaded, `noMemory` when there is too little for it.
    func prepareReference() throws(DalleError) {
        // OpenBLAS ends the process when it gets fewer threads than it wants.
        let available = WorkerThread.available(upTo: threads - 1) + 1
        try reference.prepare(threads: available)
    }
}
