import DalleFormat

/// What became of every tensor, measured.
public struct QuantizationReport: Sendable {
    public struct Tensor: Sendable {
        public let name: String
        public let shape: [Int]
        /// The type before and after.
        public let before: String
        public let after: String
        public let reason: String
        public let byteCountBefore: Int
        public let byteCountAfter: Int
        /// None of a tensor that stays.
        public let error: TensorError?

        init(_ change: QuantizationPlan.Change) {
            self.init(
                change, type: change.before, reason: change.reason, byteCount: change.tensor.byteCount, error: nil)
        }

        init(
            _ change: QuantizationPlan.Change, type: String, reason: String, byteCount: Int, error: TensorError?
        ) {
            name = change.tensor.name
            shape = change.tensor.shape.extents
            before = change.before
            after = type
            self.reason = reason
            byteCountBefore = change.tensor.byteCount
            byteCountAfter = byteCount
            self.error = error
            isWeight = change.tensor.dtype.isFloatingPoint
            count = change.tensor.shape.count
        }

        let isWeight: Bool
        let count: Int
    }

    public let scheme: String
    /// What each converted tensor had to reach.
    public let leastSQNR: Double?
    /// In file order.
    public internal(set) var tensors: [Tensor] = []
    /// Of the file written; none when none was.
    public internal(set) var fileByteCount: Int?

    init(scheme: String, leastSQNR: Double?) {
        self.scheme = scheme
        self.leastSQNR = leastSQNR
    }

    /// Converted tensors that are under `leastSQNR`.
    public var failures: [Tensor] {
        guard let leastSQNR else { return [] }
        return tensors.filter { $0.error.map { !($0.sqnr >= leastSQNR) } ?? false }
    }

    public var passes: Bool { failures.isEmpty }

    /// What shorter floating-point types have made 0 of, to be said aloud.
    public var notes: [String] {
        var zeros = VanishedNumbers()
        for tensor in tensors {
            zeros.add(tensor.error?.vanished ?? 0, of: tensor.name, tensor.count, in: tensor.after)
        }
        return zeros.notes
    }

    public var byteCountBefore: Int { tensors.reduce(0) { $0 + $1.byteCountBefore } }
    public var byteCountAfter: Int { tensors.reduce(0) { $0 + $1.byteCountAfter } }

    /// Bits for each weight, scales and padding included.
    public var bitsPerWeight: (before: Double, after: Double) {
        let weights = tensors.filter(\.isWeight)
        let count = Double(max(weights.reduce(0) { $0 + $1.count }, 1))
        return (
            8 * Double(weights.reduce(0) { $0 + $1.byteCountBefore }) / count,
            8 * Double(weights.reduce(0) { $0 + $1.byteCountAfter }) / count
        )
    }

    /// Signal over noise of all converted tensors together, in decibels.
    public var sqnr: Double { Self.sqnr(tensors) }

    /// Signal over noise of those of some tensors that were converted; infinite when nothing was lost.
    public static func sqnr(_ tensors: [Tensor]) -> Double {
        let errors = tensors.compactMap(\.error)
        let noise = errors.reduce(0) { $0 + $1.noise }
        return noise == 0 ? .infinity : TensorError.decibels(errors.reduce(0) { $0 + $1.signal } / noise)
    }
}
