import DalleFormat
import Yams

/// Puts values where a document names them: aliases, merged mappings, OmegaConf's interpolations.
struct YAMLExpansion {
    /// Stands in front of an alias's name in place of its asterisk: such a word is an ordinary value to the parser.
    static let sign: Unicode.Scalar = "\u{E000}"

    /// Configurations have some hundred values; aliases of aliases of aliases could stand for any number.
    private static let maximumCount = 1 << 14
    private static let maximumDepth = 128

    private let root: Node
    /// Anchored values by name, in the order of the document.
    private var anchors: [String: [Node]] = [:]
    private var count = 0

    static func expanded(_ root: Node) throws(DalleError) -> Node {
        var expansion = YAMLExpansion(root: root)
        try expansion.collect(root, depth: 0)
        expansion.count = 0
        return try expansion.expanded(root, path: [], depth: 0)
    }

    private init(root: Node) { self.root = root }

    private mutating func collect(_ node: Node, depth: Int) throws(DalleError) {
        try account(depth)
        if let anchor = node.anchor { anchors[anchor.rawValue, default: []].append(node) }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                try collect(key, depth: depth + 1)
                try collect(value, depth: depth + 1)
            }
        case .sequence(let sequence):
            for element in sequence { try collect(element, depth: depth + 1) }
        default: break
        }
    }

    private mutating func account(_ depth: Int) throws(DalleError) {
        count += 1
        guard count <= Self.maximumCount, depth <= Self.maximumDepth else {
            throw DalleError(
                .badData,
                "stands for more than \(Self.maximumCount) values, or they nest deeper than \(Self.maximumDepth)")
        }
    }

    private mutating func expanded(_ node: Node, path: [String], depth: Int) throws(DalleError) -> Node {
        try account(depth)
        switch node {
        case .mapping(let mapping):
            var pairs: [(Node, Node)] = []
            var merged: [(Node, Node)] = []
            for (key, value) in mapping {
                let key = Self.plain(key)
                let value = try expanded(value, path: path + [key.string ?? ""], depth: depth + 1)
                if key.string == "<<" {
                    merged += Self.mergedPairs(value)
                } else {
                    pairs.append((key, value))
                }
            }
            // A mapping's own values count, then those of the first of the merged.
            for pair in merged where !pairs.contains(where: { $0.0.string == pair.0.string }) { pairs.append(pair) }
            return .mapping(.init(pairs, mapping.tag, mapping.style, mapping.mark))
        case .sequence(let sequence):
            var elements: [Node] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try expanded(element, path: path + [String(index)], depth: depth + 1))
            }
            return .sequence(.init(elements, sequence.tag, sequence.style, sequence.mark))
        case .scalar(let scalar):
            if let name = Self.alias(scalar) {
                let before = anchors[name]?.last { Self.isBefore($0.mark, scalar.mark) }
                guard let value = before else {
                    throw DalleError(.badData, "refers to the anchor '\(name)', which is not there")
                }
                return try expanded(value, path: path, depth: depth + 1)
            }
            if let (target, value) = Self.reference(scalar.string, path).flatMap({ target in
                find(target).map { (target, $0) }
            }) {
                return try expanded(value, path: target, depth: depth + 1)
            }
            return Self.plain(node)
        case .alias: return node
        }
    }

    private static func mergedPairs(_ value: Node) -> [(Node, Node)] {
        if let mapping = value.mapping { return mapping.map { ($0.key, $0.value) } }
        return value.sequence?.flatMap { $0.mapping?.map { ($0.key, $0.value) } ?? [] } ?? []
    }

    private static func isBefore(_ first: Mark?, _ second: Mark?) -> Bool {
        guard let first, let second else { return false }
        return (first.line, first.column) < (second.line, second.column)
    }

    /// The name of the anchor that a word is an alias of.
    private static func alias(_ scalar: Node.Scalar) -> String? {
        guard scalar.style == .plain, scalar.string.unicodeScalars.first == sign else { return nil }
        return String(scalar.string.dropFirst())
    }

    /// A scalar with its asterisks.
    private static func plain(_ node: Node) -> Node {
        guard let scalar = node.scalar, scalar.string.unicodeScalars.contains(sign) else { return node }
        let text = scalar.string.replacing(String(sign), with: "*")
        return .scalar(.init(text, scalar.tag, scalar.style, scalar.mark))
    }

    /// The path of keys that an interpolation names: from the root, or with full stops in front from where it stands.
    private static func reference(_ text: String, _ path: [String]) -> [String]? {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return nil }
        let name = text.dropFirst(2).dropLast().trimmingPrefix { $0 == " " }
        guard !name.isEmpty, !name.contains(where: { "${}:'\" ".contains($0) }) else { return nil }
        let stops = name.prefix { $0 == "." }.count
        guard stops <= path.count else { return nil }
        let keys = name.dropFirst(stops).split(whereSeparator: { ".[]".contains($0) }).map(String.init)
        return stops == 0 ? keys : path.dropLast(stops) + keys
    }

    /// A value of the document as it is written; none where its path leads through an alias or an interpolation.
    private func find(_ path: [String]) -> Node? {
        var node = root
        for key in path {
            if let mapping = node.mapping {
                guard let value = mapping.first(where: { $0.key.string == key })?.value else { return nil }
                node = value
            } else if let sequence = node.sequence {
                guard let index = Int(key), sequence.indices.contains(index) else { return nil }
                node = sequence[index]
            } else {
                return nil
            }
        }
        return node
    }
}
