import DalleKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The error of a converted tensor against its source x, as sums over its elements; x̂ is the restored value.
public struct TensorError: Sendable, Equatable {
    /// Σx².
    public let signal: Double
    /// Σ(x − x̂)².
    public let noise: Double
    /// Σx̂².
    private let restored: Double
    /// Numbers that underflowed to 0 in a shorter floating-point type; integers may be 0 by design.
    public let vanished: Int
    /// The row with the lowest SQNR, in decibels; nil when all rows are exact.
    public let worstRow: (index: Int, sqnr: Double)?

    public static func == (a: TensorError, b: TensorError) -> Bool {
        a.signal == b.signal && a.noise == b.noise && a.restored == b.restored
            && a.worstRow?.index == b.worstRow?.index
    }

    /// The error of all rows that were added.
    init(_ sum: RunningError) {
        (signal, noise, restored, vanished) = (
            sum.total.signal, sum.total.noise, sum.total.restored, sum.total.vanished
        )
        worstRow = sum.worst.map { ($0.index, Self.decibels($0.ratio)) }
    }

    /// Signal-to-noise ratio; infinite for an exact tensor.
    public var ratio: Double { noise == 0 ? .infinity : signal / noise }

    /// The same in decibels: 10·log₁₀(Σx² / Σ(x − x̂)²).
    public var sqnr: Double { Self.decibels(ratio) }

    /// Cosine similarity of the tensor and its source.
    public var cosine: Double {
        let norms = (signal * restored).squareRoot()
        // Σx·x̂ from the other sums: subtracting two long, nearly equal sums would lose digits.
        return norms > 0 ? (signal + restored - noise) / 2 / norms : noise == 0 ? 1 : 0
    }

    static func decibels(_ ratio: Double) -> Double { 10 * log10(ratio) }
}

/// Accumulates the errors of a tensor's rows in row order, whatever order threads deliver them in.
struct RunningError: Sendable {
    private(set) var total = RowError()
    private(set) var worst: (index: Int, ratio: Double)?
    /// The next row to be added.
    private var next = 0
    /// Batches delivered early, by the index of their first row.
    private var waiting: [Int: [RowError]] = [:]

    /// Adds a batch of consecutive rows; batches delivered twice count once.
    mutating func add(_ rows: [RowError], from start: Int) {
        guard start >= next, !rows.isEmpty else { return }
        waiting[start] = rows
        while let rows = waiting.removeValue(forKey: next) {
            for row in rows { add(row) }
        }
    }

    private mutating func add(_ row: RowError) {
        total.signal += row.signal
        total.noise += row.noise
        total.restored += row.restored
        total.vanished += row.vanished
        if row.noise > 0, row.signal / row.noise < worst?.ratio ?? .infinity {
            worst = (next, row.signal / row.noise)
        }
        next += 1
    }
}

/// The sums of one row.
struct RowError: Sendable {
    var signal = 0.0
    var noise = 0.0
    var restored = 0.0
    var vanished = 0

    init() {}

    init(_ sums: Kernels.ErrorSums) { (signal, noise, restored) = sums }

    init(_ row: UnsafeBufferPointer<Float>, _ restored: UnsafeBufferPointer<Float>) {
        self.init(Kernels.best.errorSums(row, restored))
    }
}
