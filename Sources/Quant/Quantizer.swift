public import DalleFormat

/// Rewrites a model file with quantised weights, following a plan.
public struct Quantizer: Sendable {
    public let file: ModelFile
    public let plan: QuantizationPlan
    /// The SQNR in decibels that every converted tensor must reach, or nothing is written.
    public var minimumSQNR: Double?
    /// Compression of tensors that are compressed in the source file.
    public var compression = Compression.zstd(level: 3)
    public var threads = 1
    /// The importance of each column's error.
    public var importance = ImportanceMatrix.none
    /// Keeps infinities and NaNs in types that can hold them, instead of refusing them.
    public var allowsNonFinite = false

    public init(_ file: ModelFile, _ plan: QuantizationPlan) {
        self.file = file
        self.plan = plan
    }

    /// Measures the plan's errors without writing.
    ///
    /// - Parameter progress: called with the number of bytes of the source done since the last call.
    public func measure(progress: (Int) -> Void = { _ in }) throws(DalleError) -> QuantizationReport {
        try run(nil, progress)
    }

    /// Writes the new file, unless a tensor is under `minimumSQNR`: then the report says so.
    ///
    /// - Parameter progress: called with the number of bytes of the source done since the last call.
    public func write(
        to path: String, replacing: Bool, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> QuantizationReport {
        try run(try ModelFileWriter(path, replacing: replacing, threads: threads), progress)
    }

    private func run(_ writer: ModelFileWriter?, _ progress: (Int) -> Void) throws(DalleError) -> QuantizationReport {
        var report = QuantizationReport(scheme: plan.scheme.name, minimumSQNR: minimumSQNR)
        for decision in plan.decisions {
            let name = decision.tensor.name
            var done = 0
            /// Reports progress up to a fraction of the tensor; a fallback type starts over, which is not shown.
            func reach(_ share: Double) {
                let bytes = Int(Double(decision.tensor.byteCount) * share)
                if bytes > done { progress(bytes - done) }
                done = max(bytes, done)
            }
            do throws(DalleError) {
                if let scheme = decision.scheme {
                    report.tensors.append(try convert(decision, scheme, to: writer, progress: reach))
                } else {
                    if !allowsNonFinite { try file.requireFinite(decision.tensor, threads: threads) }
                    report.tensors.append(.init(decision))
                    try writer?.copy(decision.tensor, from: file)
                }
            } catch {
                throw error.located(file: file.path, item: name)
            }
            reach(1)
        }
        if let writer, report.passes {
            try finish(writer, report)
            report.fileByteCount = writer.byteCount
        }
        return report
    }

    /// Writes a tensor in the planned type, or in the scheme's fallback where the error is too large; without a writer it is
    /// only measured.
    private func convert(
        _ decision: QuantizationPlan.TensorDecision, _ scheme: any QuantizationScheme, to writer: ModelFileWriter?,
        progress: (Double) -> Void
    ) throws(DalleError) -> QuantizationReport.Tensor {
        let source = try ModelFileSource(file, decision.tensor.name)
        let shape = decision.tensor.shape
        let weights = shape.rank == 2 ? importance.weights(decision.tensor.name, columns: shape[1]) : nil
        var (scheme, reason) = (scheme, decision.reason)
        while true {
            let tensor = try scheme.convert(source, weights: weights, allowsNonFinite: allowsNonFinite)
            if let writer {
                try tensor.write(
                    decision.tensor.name, to: writer, decision.tensor.isStored ? .none : compression, progress: progress
                )
            } else {
                try tensor.measure(threads: threads, progress: progress)
            }
            let error = tensor.error
            guard !decision.isOverridden, let minimum = scheme.minimumRatio, error.ratio < minimum.ratio else {
                return .init(decision, type: scheme.name, reason: reason, byteCount: tensor.byteCount, error: error)
            }
            try writer?.removeLast()
            let floor = Decibels(TensorError.decibels(minimum.ratio))
            reason += "; \(scheme.name) reaches \(Decibels(error.sqnr)), under \(floor)"
            scheme = minimum.otherwise
        }
    }

    private func finish(_ writer: ModelFileWriter, _ report: QuantizationReport) throws(DalleError) {
        var options = MetadataMap(["root": .text(file.rootDigest)])
        if !plan.overrides.isEmpty { options["keep"] = .list(plan.overrides.map { .text($0.text) }) }
        let types = Dictionary(grouping: report.tensors.filter { $0.error != nil }, by: \.after)
        options["tensors"] = .map(MetadataMap(types.mapValues { .integer($0.count) }))
        if file.tensors.contains(where: { $0.packing != nil }) { options["from_quantised"] = true }
        if allowsNonFinite { options["allow_nonfinite"] = true }
        if let origin = importance.origin { options["calibration"] = origin }
        var provenance = Provenance(file.metadata)
        provenance.add(Provenance.Step("quantize \(plan.scheme.name)", options: options))
        var metadata = file.metadata
        for (name, value) in provenance.metadata.values { metadata[name] = value }
        try file.requireUnchanged()
        try writer.finish(metadata: metadata, components: file.components)
    }
}

/// Decibels formatted with one decimal.
struct Decibels: CustomStringConvertible {
    private let value: Double

    init(_ value: Double) { self.value = value }

    var description: String {
        guard value.isFinite else { return "\(value) dB" }
        let tenths = Int((abs(value) * 10).rounded())
        return "\(value < 0 && tenths > 0 ? "−" : "")\(tenths / 10).\(tenths % 10) dB"
    }
}
