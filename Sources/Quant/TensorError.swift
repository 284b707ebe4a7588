import DalleKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How far a tensor is from what it was, in sums over its elements.
public struct TensorError: Sendable, Equatable {
    /// Σx².
    public let signal: Double
    /// Σ(x − x̂)².
    public let noise: Double
    /// Σx̂².
    private let restored: Double
    /// Numbers that a shorter floating-point type has made 0 of; whole numbers are 0 by design.
    public let vanished: Int
    /// The row with the lowest ratio of signal to noise, and that in decibels; none when all rows are exact.
    public let worstRow: (index: Int, sqnr: Double)?

    public static func == (a: TensorError, b: TensorError) -> Bool {
        a.signal == b.signal && a.noise == b.noise && a.restored == b.restored
            && a.worstRow?.index == b.worstRow?.index
    }

    /// Of the rows of a tensor that have been added, in their order.
    init(_ sum: RunningError) {
        (signal, noise, restored, vanished) = (
            sum.total.signal, sum.total.noise, sum.total.restored, sum.total.vanished
        )
        worstRow = sum.worst.map { ($0.index, Self.decibels($0.ratio)) }
    }

    /// Signal over noise; infinite for an exact tensor.
    public var ratio: Double { noise == 0 ? .infinity : signal / noise }

    /// The same in decibels: 10·log₁₀(Σx² / Σ(x − x̂)²).
    public var sqnr: Double { Self.decibels(ratio) }

    /// Cosine of the angle between the tensor and what it was.
    public var cosine: Double {
        let norms = (signal * restored).squareRoot()
        // Σx·x̂ of the other sums; two long sums that are nearly equal would leave fewer digits.
        return norms > 0 ? (signal + restored - noise) / 2 / norms : noise == 0 ? 1 : 0
    }

    static func decibels(_ ratio: Double) -> Double { 10 * log10(ratio) }
}

/// The errors of a tensor's rows, added up in the order of the rows, in whatever order they come.
struct RunningError: Sendable {
    private(set) var total = RowError()
    private(set) var worst: (index: Int, ratio: Double)?
    /// The next row to be added.
    private var next = 0
    /// Rows that came before one of those before them, by the first of them.
    private var waiting: [Int: [RowError]] = [:]

    /// Takes some neighbouring rows; those that were there before count once.
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
