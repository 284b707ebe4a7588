public import DalleFormat
public import DalleRuntime

/// Holds one family's arrays in a reference against what a model computes.
protocol FamilyVerification: SendableMetatype {
    /// Whether a reference holds something of this family.
    static func applies(to reference: Reference) -> Bool

    /// Whether an array is what something is computed of.
    static func isInput(_ name: String) -> Bool

    /// - Throws: `missingInput` when the model lacks the part.
    init(_ model: DalleModel, _ reference: Reference, _ context: ComputeContext, bound: Double?) throws(DalleError)

    /// Adds the arrays that it checks, and those it knows why it does not.
    func run(_ report: inout VerificationReport) throws(DalleError)
}

/// Proof that a model file computes what the original program computed.
public enum Verification {
    /// Holds a model against all arrays of a reference that are known by name.
    ///
    /// - Parameters:
    ///   - bound: the largest difference allowed, instead of the one each kind of array has.
    ///   - progress: called with the number of arrays that are done, and of all.
    /// - Throws: `badData` when the reference holds nothing that can be checked, `missingInput` when the model lacks
    ///   the part that a reference is of.
    public static func run(
        _ model: DalleModel, against reference: Reference, _ context: ComputeContext, bound: Double? = nil,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(DalleError) -> VerificationReport {
        do throws(DalleError) {
            return try report(model, reference, context, bound, progress)
        } catch {
            // What a model cannot be asked for was asked by the reference, not by whoever runs the check.
            guard error.code == .usage else { throw error }
            throw DalleError(.badData, error.message, remedy: error.remedy, file: reference.path, item: error.item)
        }
    }

    /// The families whose arrays are known.
    private static let families: [any FamilyVerification.Type] = [
        BartVerification.self, VQGANVerification.self, CLIPVerification.self,
    ]

    private static func report(
        _ model: DalleModel, _ reference: Reference, _ context: ComputeContext, _ bound: Double?,
        _ progress: @escaping @Sendable (Int, Int) -> Void
    ) throws(DalleError) -> VerificationReport {
        var report = VerificationReport()
        let total = reference.names.count { !isInput($0) }
        progress(0, total)
        report.noted = { progress(min($0, total), total) }
        for family in families where family.applies(to: reference) {
            try family.init(model, reference, context, bound: bound).run(&report)
        }
        guard !report.checks.isEmpty else {
            throw DalleError(
                .badData, "holds no array that this version can check", remedy: "See docs for the names it knows",
                file: reference.path)
        }
        let known = Set(report.checks.map(\.name) + report.skipped.map(\.name))
        for name in reference.names where !known.contains(name) && !isInput(name) {
            report.skipped.append(.init(name: name, reason: reason(name)))
        }
        return report
    }

    private static func isInput(_ name: String) -> Bool { families.contains { $0.isInput(name) } }

    private static func reason(_ name: String) -> String {
        if name.hasPrefix("trace.") || name.contains("_dec_") {
            return "an inner state; what follows from it is checked"
        }
        if name.hasSuffix("_params_not_upcast") { return "computed with embeddings added in half precision" }
        if name.contains("_enc_") { return "the file holds only the decoding half of its VQGAN" }
        return "not known by this name"
    }
}
