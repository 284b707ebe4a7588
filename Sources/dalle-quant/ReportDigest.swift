import CommandSupport
import DalleFormat
import DalleQuant
import Foundation

/// Plans and reports in a few lines, none of more than 80 columns.
enum ReportDigest {
    private static let columns = 80
    /// So many of the worst tensors are named, and so many parts and reasons.
    private static let worst = 5
    private static let parts = 5
    private static let reasons = 4

    /// What each part becomes, which tensors suffer most, and what stays long and why.
    static func text(_ report: QuantizationReport) -> String {
        var lines = fitted(
            [["part", "tensors", "size", "SQNR"]]
                + byPart(report.tensors, \.name).map { part, tensors in
                    [
                        part, "\(tensors.count)",
                        ReportText.sizes(
                            tensors.reduce(0) { $0 + $1.byteCountBefore }, tensors.reduce(0) { $0 + $1.byteCountAfter }),
                        sqnr(tensors),
                    ]
                })
        let suffering = report.tensors.filter { $0.error.map { $0.sqnr.isFinite } ?? false }
            .sorted { ($0.error?.sqnr ?? 0) < ($1.error?.sqnr ?? 0) }.prefix(worst)
        if !suffering.isEmpty {
            lines += fitted(
                [["worst tensors", "type", "SQNR", "worst row"]]
                    + suffering.map { tensor in
                        [
                            shortened(tensor.name, to: 40), tensor.after, ReportText.decibels(tensor.error?.sqnr ?? 0),
                            tensor.error?.worstRow.map { "\(ReportText.decibels($0.sqnr)) (\($0.index))" } ?? "exact",
                        ]
                    })
        }
        let groups = Dictionary(grouping: report.tensors) { tensor in
            // A reason to convert needs no words, unless a type was asked for.
            Reason(
                types: ReportText.arrow(tensor.before, tensor.after),
                text: tensor.error == nil || tensor.reason.contains("--keep") ? tensor.reason : "")
        }
        lines += reasonLines(
            groups.map { ($0, $1.count, $1.reduce(0) { $0 + $1.byteCountAfter }) }.filter { !$0.0.text.isEmpty })
        return (lines + ["--table lists every tensor"]).joined(separator: "\n")
    }

    /// What each part will become, and why.
    static func text(_ plan: QuantizationPlan) -> String {
        var lines = fitted(
            [["part", "tensors", "size"]]
                + byPart(plan.decisions, \.tensor.name).map { part, decisions in
                    [
                        part, "\(decisions.count)",
                        ReportText.sizes(
                            decisions.reduce(0) { $0 + $1.tensor.byteCount }, decisions.reduce(0) { $0 + $1.byteCount }),
                    ]
                })
        let groups = Dictionary(grouping: plan.decisions) { decision in
            Reason(types: ReportText.arrow(decision.before, decision.after), text: decision.reason)
        }
        lines += reasonLines(groups.map { ($0, $1.count, $1.reduce(0) { $0 + $1.byteCount }) })
        return (lines + ["--table lists every tensor"]).joined(separator: "\n")
    }

    private struct Reason: Hashable {
        let types: String
        let text: String

        /// - Parameter text: Numbers of single tensors are left out, so that those of one kind are counted together.
        init(types: String, text: String) {
            self.types = types
            self.text = text.replacing(/: [0-9]+ numbers?$/, with: "")
        }
    }

    /// A line for each reason, those of the most bytes first.
    private static func reasonLines(_ found: [(Reason, count: Int, bytes: Int)]) -> [String] {
        // What the user asked for comes first.
        func isOwn(_ reason: Reason) -> Int { reason.text.contains("--keep") ? 0 : 1 }
        let sorted = found.sorted { (isOwn($0.0), $1.bytes, $0.0.text) < (isOwn($1.0), $0.bytes, $1.0.text) }
        let lines = sorted.prefix(reasons).map { reason, count, bytes in
            shortened(
                "\(Readable.count(count, "tensor")) \(reason.types), \(Readable.bytes(bytes)): \(reason.text)",
                to: columns, atEnd: true)
        }
        let others = sorted.dropFirst(reasons).reduce(0) { $0 + $1.count }
        return lines + (others > 0 ? ["\(Readable.count(others, "tensor")) for other reasons"] : [])
    }

    /// Tensors by the part that they belong to, in file order; behind the first few, all others together.
    private static func byPart<Tensor>(
        _ tensors: [Tensor], _ name: (Tensor) -> String
    ) -> [(part: String, tensors: [Tensor])] {
        var parts: [(part: String, tensors: [Tensor])] = []
        for tensor in tensors {
            let part = String(name(tensor).prefix { $0 != "." })
            if let index = parts.firstIndex(where: { $0.part == part }) {
                parts[index].tensors.append(tensor)
            } else {
                parts.append((part, [tensor]))
            }
        }
        guard parts.count > Self.parts else { return parts }
        return parts.prefix(Self.parts - 1) + [("others", parts.dropFirst(Self.parts - 1).flatMap(\.tensors))]
    }

    /// Signal over noise of all converted tensors of some.
    private static func sqnr(_ tensors: [QuantizationReport.Tensor]) -> String {
        tensors.contains { $0.error != nil } ? ReportText.decibels(QuantizationReport.sqnr(tensors)) : "as before"
    }

    private static func fitted(_ rows: [[String]]) -> [String] {
        TextTable.text(rows).split(separator: "\n").map { shortened(String($0), to: columns, atEnd: true) }
    }

    private static func shortened(_ text: String, to count: Int, atEnd: Bool = false) -> String {
        guard text.count > count else { return text }
        return atEnd ? text.prefix(count - 1) + "…" : text.prefix(count / 3) + "…" + text.suffix(count - 1 - count / 3)
    }
}
