public import DalleFormat

/// What is to become of every tensor of a model file, and why.
public struct QuantizationPlan: Sendable {
    public struct Change: Sendable {
        public let tensor: TensorDescriptor
        /// What it is converted to; nil when it stays.
        public let scheme: (any QuantizationScheme)?
        public let reason: String
        /// The user's word: kept whatever is measured.
        let isFixed: Bool
        /// Bytes of the tensor as planned.
        public let byteCount: Int

        /// The type it has.
        public var before: String { tensor.typeName }
        /// The type it gets.
        public var after: String { scheme?.name ?? before }
    }

    public let scheme: any QuantizationScheme
    /// In file order.
    public let changes: [Change]
    let rules: [KeepRule]

    public var byteCountBefore: Int { changes.reduce(0) { $0 + $1.tensor.byteCount } }
    public var byteCountAfter: Int { changes.reduce(0) { $0 + $1.byteCount } }

    /// - Parameters:
    ///   - rules: The first that matches a tensor decides.
    ///   - fromQuantized: Numbers that were quantised before may be quantised again.
    /// - Throws: `usage` when a rule matches no tensor or asks for what cannot be, when the file is quantised already, or
    ///   when nothing would change.
    public init(
        _ file: ModelFile, _ scheme: any QuantizationScheme, keep rules: [KeepRule] = [], fromQuantized: Bool = false
    ) throws(DalleError) {
        self.scheme = scheme
        self.rules = rules
        if !fromQuantized, let tensor = file.tensors.first(where: { $0.packing != nil }) {
            throw DalleError(
                .usage, "is \(tensor.typeName) already, and rounding what is rounded adds up",
                remedy: "Quantise the file that it was made of, or say --from-quantised", file: file.path,
                item: tensor.name)
        }
        let names = file.tensors.map(\.name)
        var matches: [Set<String>] = []
        for rule in rules {
            let found = try rule.matches(names)
            guard !found.isEmpty else {
                throw DalleError(
                    .usage, "--keep \(rule.text) matches no tensor",
                    remedy: "dalle-convert inspect --tensors lists their names", file: file.path)
            }
            matches.append(found)
        }
        var changes: [Change] = []
        for tensor in file.tensors {
            let rule = zip(rules, matches).first { $0.1.contains(tensor.name) }?.0
            do throws(DalleError) {
                changes.append(try Self.change(tensor, file, scheme, rule))
            } catch {
                throw error.located(file: file.path, item: tensor.name)
            }
        }
        guard changes.contains(where: { $0.scheme != nil }) else {
            throw DalleError(
                .usage, "no weight would change with --\(scheme.option)", remedy: "Use the file as it is",
                file: file.path)
        }
        self.changes = changes
    }

    private static func change(
        _ tensor: TensorDescriptor, _ file: ModelFile, _ scheme: any QuantizationScheme, _ rule: KeepRule?
    ) throws(DalleError) -> Change {
        func stays(_ reason: String) -> Change {
            Change(
                tensor: tensor, scheme: nil, reason: reason, isFixed: rule != nil, byteCount: tensor.byteCount)
        }
        if let rule {
            guard let scheme = rule.scheme else { return stays("--keep \(rule.text)") }
            // What a rule matches beside weights, a tokenizer's tables, is not meant.
            if let obstacle = scheme.obstacle(tensor) { return stays("\(obstacle), whatever --keep \(rule.text)") }
            guard scheme.name != tensor.typeName else { return stays("\(scheme.name) already") }
            return Change(
                tensor: tensor, scheme: scheme, reason: "--keep \(rule.text)", isFixed: true,
                byteCount: try scheme.byteCount(tensor.shape))
        }
        switch scheme.decision(tensor, of: file.component(of: tensor)) {
        case .stay(let reason): return stays(reason)
        case .convert(let scheme, let reason):
            guard scheme.name != tensor.typeName else { return stays("\(scheme.name) already") }
            return Change(
                tensor: tensor, scheme: scheme, reason: reason, isFixed: false,
                byteCount: try scheme.byteCount(tensor.shape))
        }
    }
}

extension TensorDescriptor {
    /// The type its numbers are stored in.
    public var typeName: String {
        switch packing?.coding {
        case .int8: "int8"
        case .int4: "int4"
        case nil: dtype.rawValue
        }
    }
}
