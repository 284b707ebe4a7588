import DalleFormat

/// The type that every tensor got, and the measured error.
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
        /// Nil for a tensor that is kept.
        public let error: TensorError?

        init(_ decision: QuantizationPlan.TensorDecision) {
            self.init(
                decision, type: decision.before, reason: decision.reason, byteCount: decision.tensor.byteCount,
                error: nil)
        }

        init(
            _ decision: QuantizationPlan.TensorDecision, type: String, reason: String, byteCount: Int,
            error: TensorError?
        ) {
            name = decision.tensor.name
            shape = decision.tensor.shape.extents
            before = decision.before
            after = type
            self.reason = reason
            byteCountBefore = decision.tensor.byteCount
            byteCountAfter = byteCount
            self.error = error
            isWeight = decision.tensor.dtype.isFloatingPoint
            count = decision.tensor.shape.count
        }

        let isWeight: Bool
        let count: Int
    }

    public let scheme: String
    /// The SQNR required of each converted tensor, in decibels.
    public let minimumSQNR: Double?
    /// In file order.
    public internal(set) var tensors: [Tensor] = []
    /// Size of the file written; nil when none was.
    public internal(set) var fileByteCount: Int?

    init(scheme: String, minimumSQNR: Double?) {
        self.scheme = scheme
        self.minimumSQNR = minimumSQNR
    }

    /// Converted tensors that are under `minimumSQNR`.
    public var failures: [Tensor] {
        guard let minimumSQNR else { return [] }
        return tensors.filter { $0.error.map { !($0.sqnr >= minimumSQNR) } ?? false }
    }

    public var passes: Bool { failures.isEmpty }

    /// Notes on numbers that underflowed to 0 in shorter floating-point types, to be printed.
    public var notes: [String] {
        var zeros = VanishedNumbers()
        for tensor in tensors {
            zeros.add(tensor.error?.vanished ?? 0, of: tensor.name, tensor.count, in: tensor.after)
        }
        return zeros.notes
    }

    public var byteCountBefore: Int { tensors.reduce(0) { $0 + $1.byteCountBefore } }
    public var byteCountAfter: Int { tensors.reduce(0) { $0 + $1.byteCountAfter } }

    /// Bits per weight, including scales and padding.
    public var bitsPerWeight: (before: Double, after: Double) {
        let weights = tensors.filter(\.isWeight)
        let count = Double(max(weights.reduce(0) { $0 + $1.count }, 1))
        return (
            8 * Double(weights.reduce(0) { $0 + $1.byteCountBefore }) / count,
            8 * Double(weights.reduce(0) { $0 + $1.byteCountAfter }) / count
        )
    }

    /// Signal-to-quantisation-noise ratio of all converted tensors together, in decibels.
    public var sqnr: Double { Self.sqnr(tensors) }

    /// Signal-to-quantisation-noise ratio of the converted ones among some tensors; infinite when they are exact.
    public static func sqnr(_ tensors: [Tensor]) -> Double {
        let errors = tensors.compactMap(\.error)
        let noise = errors.reduce(0) { $0 + $1.noise }
        return noise == 0 ? .infinity : TensorError.decibels(errors.reduce(0) { $0 + $1.signal } / noise)
    }
}
