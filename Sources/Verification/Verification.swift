public import DalleFormat
public import DalleRuntime

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
        _ file: ModelFile, against reference: Reference, _ context: ComputeContext, bound: Double? = nil,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(DalleError) -> VerificationReport {
        do throws(DalleError) {
            return try report(file, reference, context, bound, progress)
        } catch {
            // What a model cannot be asked for was asked by the reference, not by whoever runs the check.
            guard error.code == .usage else { throw error }
            throw DalleError(.badData, error.message, remedy: error.remedy, file: reference.path, item: error.item)
        }
    }

    private static func report(
        _ file: ModelFile, _ reference: Reference, _ context: ComputeContext, _ bound: Double?,
        _ progress: @escaping @Sendable (Int, Int) -> Void
    ) throws(DalleError) -> VerificationReport {
        var report = VerificationReport()
        let total = reference.names.count { !isInput($0) }
        progress(0, total)
        report.noted = { progress(min($0, total), total) }
        if BartVerification.applies(to: reference) {
            try BartVerification(file, reference, context, bound: bound).run(&report)
        }
        if VQGANVerification.applies(to: reference) {
            try VQGANVerification(file, reference, context, bound: bound).run(&report)
        }
        if CLIPVerification.applies(to: reference) {
            try CLIPVerification(file, reference, context, bound: bound).run(&report)
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

    private static func isInput(_ name: String) -> Bool {
        name.hasPrefix("input_ids_") || name.hasPrefix("attention_mask_") || name == "decoder_input_ids"
            || name.hasSuffix("_dec_indices") || name.hasSuffix("_enc_image") || name.hasSuffix("_enc_margin")
            || CLIPVerification.inputs.contains(name)
    }

    private static func reason(_ name: String) -> String {
        if name.hasPrefix("trace.") || name.contains("_dec_") {
            return "an inner state; what follows from it is checked"
        }
        if name.hasSuffix("_params_not_upcast") { return "computed with embeddings added in half precision" }
        if name.contains("_enc_") { return "the file holds only the decoding half of its VQGAN" }
        return "not known by this name"
    }
}
