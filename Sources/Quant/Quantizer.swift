public import DalleFormat

/// Rewrites a model file with its weights in fewer bits, as a plan says.
public struct Quantizer: Sendable {
    public let file: ModelFile
    public let plan: QuantizationPlan
    /// Every tensor that is converted must reach so many decibels, or nothing is written.
    public var leastSQNR: Double?
    /// How tensors are compressed that were compressed before.
    public var compression = Compression.zstd(level: 3)
    public var threads = 1
    /// Which columns' errors matter how much.
    public var importance = ImportanceMatrix.none
    /// Takes infinities and what is no number along, in types that can hold them, instead of refusing them.
    public var allowsNonFinite = false

    public init(_ file: ModelFile, _ plan: QuantizationPlan) {
        self.file = file
        self.plan = plan
    }

    /// Measures what the plan would do, and writes nothing.
    ///
    /// - Parameter progress: called with the number of bytes of the source done since the last call.
    public func measure(progress: (Int) -> Void = { _ in }) throws(DalleError) -> QuantizationReport {
        try run(nil, progress)
    }

    /// Writes the new file, unless a tensor is under `leastSQNR`: then the report says so.
    ///
    /// - Parameter progress: called with the number of bytes of the source done since the last call.
    public func write(
        to path: String, replacing: Bool, progress: (Int) -> Void = { _ in }
    ) throws(DalleError) -> QuantizationReport {
        try run(try ModelFileWriter(path, replacing: replacing, threads: threads), progress)
    }

    private func run(_ writer: ModelFileWriter?, _ progress: (Int) -> Void) throws(DalleError) -> QuantizationReport {
        var report = QuantizationReport(scheme: plan.scheme.name, leastSQNR: leastSQNR)
        for change in plan.changes {
            let name = change.tensor.name
            var done = 0
            /// Moves on to a share of the tensor; a type that takes another's place starts over, which is not shown.
            func reach(_ share: Double) {
                let bytes = Int(Double(change.tensor.byteCount) * share)
                if bytes > done { progress(bytes - done) }
                done = max(bytes, done)
            }
            do throws(DalleError) {
                if let scheme = change.scheme {
                    report.tensors.append(try convert(change, scheme, to: writer, progress: reach))
                } else {
                    if !allowsNonFinite { try file.requireFinite(change.tensor, threads: threads) }
                    report.tensors.append(.init(change))
                    try writer?.copy(change.tensor, from: file)
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

    /// Writes a tensor in the planned type, or in the one that takes its place where that is too coarse; without a writer
    /// it is only measured.
    private func convert(
        _ change: QuantizationPlan.Change, _ scheme: any QuantizationScheme, to writer: ModelFileWriter?,
        progress: (Double) -> Void
    ) throws(DalleError) -> QuantizationReport.Tensor {
        let source = try ModelFileSource(file, change.tensor.name)
        let shape = change.tensor.shape
        let weights = shape.rank == 2 ? importance.weights(change.tensor.name, columns: shape[1]) : nil
        var (scheme, reason) = (scheme, change.reason)
        while true {
            let tensor = try scheme.convert(source, weights: weights, allowsNonFinite: allowsNonFinite)
            if let writer {
                try tensor.write(
                    change.tensor.name, to: writer, change.tensor.isStored ? .none : compression, progress: progress)
            } else {
                try tensor.measure(threads: threads, progress: progress)
            }
            let error = tensor.error
            guard !change.isFixed, let least = scheme.leastRatio, error.ratio < least.ratio else {
                return .init(change, type: scheme.name, reason: reason, byteCount: tensor.byteCount, error: error)
            }
            try writer?.removeLast()
            let floor = Decibels(TensorError.decibels(least.ratio))
            reason += "; \(scheme.name) reaches \(Decibels(error.sqnr)), under \(floor)"
            scheme = least.otherwise
        }
    }

    private func finish(_ writer: ModelFileWriter, _ report: QuantizationReport) throws(DalleError) {
        var options = MetadataMap(["root": .text(file.rootDigest)])
        if !plan.rules.isEmpty { options["keep"] = .list(plan.rules.map { .text($0.text) }) }
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

/// A level for people, with one decimal.
struct Decibels: CustomStringConvertible {
    private let value: Double

    init(_ value: Double) { self.value = value }

    var description: String {
        guard value.isFinite else { return "\(value) dB" }
        let tenths = Int((abs(value) * 10).rounded())
        return "\(value < 0 && tenths > 0 ? "−" : "")\(tenths / 10).\(tenths % 10) dB"
    }
}
