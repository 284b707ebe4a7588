import DalleFormat
import DalleKernels
import DalleThreads

/// Measures a machine's limits, again and again: what others leave of a machine changes within seconds, so a run is held
/// against what was possible beside it.
final class LimitMeter {
    private let context: ComputeContext
    private let memory: Memory<Float>

    /// Much more than caches hold.
    private static let bufferByteCount = 1 << 28
    private static let piece = 1 << 20
    private static let rounds = 2_000_000
    private static let looks = 5

    init(_ context: ComputeContext) throws(DalleError) {
        self.context = context
        memory = try Memory(
            repeating: 1, count: Self.bufferByteCount / 4, for: "measuring how fast memory is read")
    }

    /// One measurement, of some hundredths of a second.
    func measure() -> MachineLimits {
        let (kernels, pool) = (context.kernels, context.pool)
        nonisolated(unsafe) let floats = UnsafeBufferPointer(memory.elements)
        let reading = Stopwatch.seconds {
            pool.run(over: floats.count, step: 64, least: Self.piece) {
                _ = kernels.read(UnsafeBufferPointer(rebasing: floats[$0]))
            }
        }
        return MachineLimits(
            readBandwidth: Double(Self.bufferByteCount) / reading,
            floatProducts: Self.products(pool, Self.rounds) { kernels.peakFlopsFloat32($0) },
            byteProducts: Self.products(pool, Self.rounds) { kernels.peakFlopsInt8($0) })
    }

    /// A few looks at the arithmetic that take some thousandths of a second in all; memory is taken as given.
    ///
    /// The best counts, and of it the time that threads were at work: what else runs does not count, nor that they have yet
    /// to wake up.
    static func glance(_ context: ComputeContext, readBandwidth: Double) -> MachineLimits {
        func best(_ spin: @escaping @Sendable (Int) -> Int) -> Double {
            (0..<looks).reduce(0) { best, _ in max(best, productsAtWork(context.pool, rounds / 200, spin)) }
        }
        let kernels = context.kernels
        return MachineLimits(
            readBandwidth: readBandwidth, floatProducts: best { kernels.peakFlopsFloat32($0) },
            byteProducts: best { kernels.peakFlopsInt8($0) })
    }

    private static func products(_ pool: ThreadPool, _ rounds: Int, _ spin: @Sendable (Int) -> Int) -> Double {
        let count = spin(1) * rounds * pool.threads
        return Double(count) / Stopwatch.seconds { pool.run(pool.threads) { _ in _ = spin(rounds) } }
    }

    /// The sum of what each thread does while it has a processor.
    private static func productsAtWork(
        _ pool: ThreadPool, _ rounds: Int, _ spin: @escaping @Sendable (Int) -> Int
    ) -> Double {
        let sum = Monitor(0.0)
        pool.run(pool.threads) { _ in
            let start = ThreadTime.seconds
            let count = spin(rounds)
            let seconds = ThreadTime.seconds - start
            sum.withLock { $0 += Double(count) / max(seconds, 1e-9) }
        }
        return sum.withLock { $0 }
    }
}

enum Stopwatch {
    static func seconds<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}

extension [Double] {
    /// The middle one in order, of two the larger.
    var median: Double? { isEmpty ? nil : sorted()[count / 2] }
}
