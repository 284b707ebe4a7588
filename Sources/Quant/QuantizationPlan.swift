public import DalleFormat

/// The type that every tensor of a model file gets, and why.
public struct QuantizationPlan: Sendable {
    public struct TensorDecision: Sendable {
        public let tensor: TensorDescriptor
        /// What it is converted to; nil to keep it.
        public let scheme: (any QuantizationScheme)?
        public let reason: String
        /// Whether a `TensorOverride` decided: then no measurement changes it.
        let isOverridden: Bool
        /// Bytes of the converted tensor.
        public let byteCount: Int

        /// The type it has.
        public var before: String { tensor.typeName }
        /// The type it gets.
        public var after: String { scheme?.name ?? before }
    }

    public let scheme: any QuantizationScheme
    /// In file order.
    public let decisions: [TensorDecision]
    let overrides: [TensorOverride]

    public var byteCountBefore: Int { decisions.reduce(0) { $0 + $1.tensor.byteCount } }
    public var byteCountAfter: Int { decisions.reduce(0) { $0 + $1.byteCount } }

    /// - Parameters:
    ///   - overrides: The first that matches a tensor decides.
    ///   - fromQuantized: Allows tensors that are quantised already to be quantised again.
    /// - Throws: `usage` when an override matches no tensor or is not possible, when the file is quantised already, or when
    ///   nothing would change.
    public init(
        _ file: ModelFile, _ scheme: any QuantizationScheme, overrides: [TensorOverride] = [],
        fromQuantized: Bool = false
    ) throws(DalleError) {
        self.scheme = scheme
        self.overrides = overrides
        if !fromQuantized, let tensor = file.tensors.first(where: { $0.packing != nil }) {
            throw DalleError(
                .usage, "is \(tensor.typeName) already, and rounding what is rounded adds up",
                remedy: "Quantise the file that it was made of, or say --from-quantised", file: file.path,
                item: tensor.name)
        }
        let names = file.tensors.map(\.name)
        var matches: [Set<String>] = []
        for override in overrides {
            let found = try override.matches(names)
            guard !found.isEmpty else {
                throw DalleError(
                    .usage, "--keep \(override.text) matches no tensor",
                    remedy: "dalle-convert inspect --tensors lists their names", file: file.path)
            }
            matches.append(found)
        }
        var decisions: [TensorDecision] = []
        for tensor in file.tensors {
            let override = zip(overrides, matches).first { $0.1.contains(tensor.name) }?.0
            do throws(DalleError) {
                decisions.append(try Self.decision(tensor, file, scheme, override))
            } catch {
                throw error.located(file: file.path, item: tensor.name)
            }
        }
        guard decisions.contains(where: { $0.scheme != nil }) else {
            throw DalleError(
                .usage, "no weight would change with --\(scheme.option)", remedy: "Use the file as it is",
                file: file.path)
        }
        self.decisions = decisions
    }

    private static func decision(
        _ tensor: TensorDescriptor, _ file: ModelFile, _ scheme: any QuantizationScheme, _ override: TensorOverride?
    ) throws(DalleError) -> TensorDecision {
        func kept(_ reason: String) -> TensorDecision {
            TensorDecision(
                tensor: tensor, scheme: nil, reason: reason, isOverridden: override != nil, byteCount: tensor.byteCount)
        }
        if let override {
            guard let scheme = override.scheme else { return kept("--keep \(override.text)") }
            // An override may also match tensors that are not weights, such as a tokenizer's tables: those are kept.
            if let reason = scheme.unsupportedReason(tensor) {
                return kept("\(reason), whatever --keep \(override.text)")
            }
            guard scheme.name != tensor.typeName else { return kept("\(scheme.name) already") }
            return TensorDecision(
                tensor: tensor, scheme: scheme, reason: "--keep \(override.text)", isOverridden: true,
                byteCount: try scheme.byteCount(tensor.shape))
        }
        switch scheme.decision(tensor, of: file.component(of: tensor)) {
        case .keep(let reason): return kept(reason)
        case .convert(let scheme, let reason):
            guard scheme.name != tensor.typeName else { return kept("\(scheme.name) already") }
            return TensorDecision(
                tensor: tensor, scheme: scheme, reason: reason, isOverridden: false,
                byteCount: try scheme.byteCount(tensor.shape))
        }
    }
}

extension TensorDescriptor {
    /// The name of the type that its elements are stored in.
    public var typeName: String {
        switch packing?.coding {
        case .int8: "int8"
        case .int4: "int4"
        case nil: dtype.rawValue
        }
    }
}
