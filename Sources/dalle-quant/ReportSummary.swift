import DalleFormat
import DalleQuant
import DalleVerification

/// A report as JSON. Numbers that are infinite, of exact tensors, are left out.
struct ReportSummary: Encodable {
    struct Tensor: Encodable {
        let name: String
        let shape: [Int]
        let before: String
        let after: String
        let reason: String
        let bytesBefore: Int
        let bytesAfter: Int
        let sqnr: Double?
        let worstRow: Int?
        let worstRowSQNR: Double?
        let cosine: Double?
        /// Numbers that the type has made 0 of.
        let becameZero: Int?

        enum CodingKeys: String, CodingKey {
            case name, shape, before, after, reason, sqnr, cosine
            case bytesBefore = "bytes_before"
            case bytesAfter = "bytes_after"
            case worstRow = "worst_row"
            case worstRowSQNR = "worst_row_sqnr"
            case becameZero = "became_zero"
        }
    }

    let output: String
    let scheme: String
    let pass: Bool
    let minSQNR: Double?
    let tensorBytesBefore: Int
    let tensorBytesAfter: Int
    let bitsPerWeightBefore: Double
    let bitsPerWeightAfter: Double
    let sqnr: Double?
    /// Of the file; none when none was written.
    let bytes: Int?
    let tensors: [Tensor]
    /// The model's output against what it was.
    var model: ComparisonReport?

    enum CodingKeys: String, CodingKey {
        case output, scheme, pass, sqnr, bytes, tensors, model
        case minSQNR = "min_sqnr"
        case tensorBytesBefore = "tensor_bytes_before"
        case tensorBytesAfter = "tensor_bytes_after"
        case bitsPerWeightBefore = "bits_per_weight_before"
        case bitsPerWeightAfter = "bits_per_weight_after"
    }

    init(_ report: QuantizationReport, output: String) {
        self.output = output
        scheme = report.scheme
        pass = report.passes
        minSQNR = report.minimumSQNR
        tensorBytesBefore = report.byteCountBefore
        tensorBytesAfter = report.byteCountAfter
        (bitsPerWeightBefore, bitsPerWeightAfter) = report.bitsPerWeight
        sqnr = Self.finite(report.sqnr)
        bytes = report.fileByteCount
        tensors = report.tensors.map {
            Tensor(
                name: $0.name, shape: $0.shape, before: $0.before, after: $0.after, reason: $0.reason,
                bytesBefore: $0.byteCountBefore, bytesAfter: $0.byteCountAfter,
                sqnr: Self.finite($0.error?.sqnr), worstRow: $0.error?.worstRow?.index,
                worstRowSQNR: Self.finite($0.error?.worstRow?.sqnr), cosine: $0.error?.cosine,
                becameZero: $0.error?.vanished)
        }
    }

    private static func finite(_ value: Double?) -> Double? {
        value.flatMap { $0.isFinite ? $0 : nil }
    }
}

/// A plan as JSON.
struct PlanSummary: Encodable {
    struct Tensor: Encodable {
        let name: String
        let shape: [Int]
        let before: String
        let after: String
        let reason: String
        let bytesBefore: Int
        let bytesAfter: Int

        enum CodingKeys: String, CodingKey {
            case name, shape, before, after, reason
            case bytesBefore = "bytes_before"
            case bytesAfter = "bytes_after"
        }
    }

    let output: String
    let scheme: String
    let tensorBytesBefore: Int
    let tensorBytesAfter: Int
    let tensors: [Tensor]

    enum CodingKeys: String, CodingKey {
        case output, scheme, tensors
        case tensorBytesBefore = "tensor_bytes_before"
        case tensorBytesAfter = "tensor_bytes_after"
    }

    init(_ plan: QuantizationPlan, output: String) {
        self.output = output
        scheme = plan.scheme.name
        tensorBytesBefore = plan.byteCountBefore
        tensorBytesAfter = plan.byteCountAfter
        tensors = plan.decisions.map {
            Tensor(
                name: $0.tensor.name, shape: $0.tensor.shape.extents, before: $0.before, after: $0.after,
                reason: $0.reason, bytesBefore: $0.tensor.byteCount, bytesAfter: $0.byteCount)
        }
    }
}
