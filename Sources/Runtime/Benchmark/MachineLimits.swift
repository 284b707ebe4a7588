import DalleKernels

/// What this machine can do at most, measured with the kernels and threads in use.
public struct MachineLimits: Sendable {
    /// Bytes per second that all threads read from memory.
    public private(set) var readBandwidth: Double
    /// Products per second in registers.
    public private(set) var floatProducts: Double
    public private(set) var byteProducts: Double

    private static let bufferByteCount = 1 << 29
    private static let piece = 1 << 20
    private static let runs = 7

    public init(_ context: ComputeContext) {
        let (kernels, pool) = (context.kernels, context.pool)
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.bufferByteCount / 4)
        buffer.initialize(repeating: 1)
        defer { buffer.deallocate() }
        nonisolated(unsafe) let floats = UnsafeBufferPointer(buffer)
        readBandwidth =
            Double(Self.bufferByteCount)
            / Self.fastest {
                pool.run(over: floats.count, step: 64, least: Self.piece) {
                    _ = kernels.read(UnsafeBufferPointer(rebasing: floats[$0]))
                }
            }
        floatProducts = Self.products(pool) { kernels.spinFloats($0) }
        byteProducts = Self.products(pool) { kernels.spinBytes($0) }
    }

    /// The higher of each.
    func best(_ other: MachineLimits) -> MachineLimits {
        var best = self
        best.readBandwidth = max(readBandwidth, other.readBandwidth)
        best.floatProducts = max(floatProducts, other.floatProducts)
        best.byteProducts = max(byteProducts, other.byteProducts)
        return best
    }

    private static func products(_ pool: ThreadPool, _ spin: @Sendable (Int) -> Int) -> Double {
        let rounds = 4_000_000
        let count = spin(1) * rounds
        let seconds = fastest { pool.run(pool.threads) { _ in _ = spin(rounds) } }
        return Double(count * pool.threads) / seconds
    }

    /// The least seconds of some runs: a limit is what is possible.
    private static func fastest(_ body: () -> Void) -> Double {
        (0..<runs).map { _ in Stopwatch.seconds(body) }.min() ?? 0
    }
}

enum Stopwatch {
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
