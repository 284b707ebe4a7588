import CommandSupport
import DalleFormat
import DalleQuant
import DalleVerification
import Foundation

/// Plans and reports for people.
enum ReportText {
    /// What is to become of every tensor, and why.
    static func table(_ plan: QuantizationPlan) -> String {
        TextTable.text(
            [["tensor", "shape", "type", "size", "why"]]
                + plan.decisions.map { decision in
                    [
                        decision.tensor.name, "\(decision.tensor.shape)", arrow(decision.before, decision.after),
                        sizes(decision.tensor.byteCount, decision.byteCount), decision.reason,
                    ]
                })
    }

    /// What became of every tensor that was converted; those that stay are counted by reason.
    static func table(_ report: QuantizationReport) -> String {
        let rows = report.tensors.compactMap { tensor -> [String]? in
            guard let error = tensor.error else { return nil }
            return [
                tensor.name, "\(tensor.shape)", arrow(tensor.before, tensor.after),
                sizes(tensor.byteCountBefore, tensor.byteCountAfter), decibels(error.sqnr),
                error.worstRow.map { "\(decibels($0.sqnr)) (\($0.index))" } ?? "exact",
                String(format: "%.7f", error.cosine), tensor.reason,
            ]
        }
        let staying = Dictionary(grouping: report.tensors.filter { $0.error == nil }, by: \.reason)
        let notes = staying.sorted { $0.key < $1.key }.map { reason, tensors in
            let bytes = Readable.bytes(tensors.reduce(0) { $0 + $1.byteCountAfter })
            return "\(Readable.count(tensors.count, "tensor")) as before, \(bytes): \(reason)"
        }
        let head = ["tensor", "shape", "type", "size", "SQNR", "worst row", "cosine", "why"]
        return ([TextTable.text([head] + rows)] + notes).joined(separator: "\n")
    }

    static func result(_ report: QuantizationReport, _ path: String) -> String {
        let bits = report.bitsPerWeight
        let summary =
            sizes(report.byteCountBefore, report.byteCountAfter)
            + String(format: ", %.2f → %.2f bits per weight, SQNR ", bits.before, bits.after) + decibels(report.sqnr)
        if let bytes = report.fileByteCount { return "\(path): \(Readable.bytes(bytes))\n\(summary)" }
        return (report.passes ? "would write \(path)" : "\(path) is not written") + "\n\(summary)"
    }

    /// The model's output against what it was.
    static func table(_ model: ComparisonReport) -> String { TextTable.text(model.rows) + "\n" + model.verdict }

    static func failures(_ report: QuantizationReport) -> String {
        let found = report.failures
        let worst = found.min { ($0.error?.sqnr ?? 0) < ($1.error?.sqnr ?? 0) }
        return "\(Readable.count(found.count, "tensor")) under \(decibels(report.minimumSQNR ?? 0)), the worst "
            + "'\(worst?.name ?? "")' with \(decibels(worst?.error?.sqnr ?? 0))"
    }

    static func arrow(_ before: String, _ after: String) -> String {
        before == after ? before : "\(before) → \(after)"
    }

    static func sizes(_ before: Int, _ after: Int) -> String {
        before == after ? Readable.bytes(before) : "\(Readable.bytes(before)) → \(Readable.bytes(after))"
    }

    static func decibels(_ value: Double) -> String {
        value.isInfinite && value > 0 ? "exact" : String(format: "%.1f dB", value)
    }
}
