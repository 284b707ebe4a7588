public import DalleFormat

/// The tensors of a part in a file, by their names without the part's.
public struct PartTensors: Sendable {
    /// In the order of the file.
    public let all: [(name: String, tensor: TensorDescriptor)]
    private let byName: [String: TensorDescriptor]

    public init(_ file: ModelFile, _ component: Component) {
        all = file.tensors(of: component).map { (String($0.name.dropFirst(component.name.count + 1)), $0) }
        byName = Dictionary(all.map { ($0.name, $0.tensor) }) { first, _ in first }
    }

    public subscript(name: String) -> TensorDescriptor? { byName[name] }

    /// Those whose names begin so.
    public func under(_ start: String) -> [TensorDescriptor] {
        all.filter { $0.name.hasPrefix(start) }.map(\.tensor)
    }

    /// Bytes of the largest layer of those whose names begin with `START.layers.`.
    public func largestLayer(_ start: String) -> Int {
        let layers = "\(start).layers."
        let ofLayers = Dictionary(grouping: all.filter { $0.name.hasPrefix(layers) }) {
            $0.name.dropFirst(layers.count).prefix { $0 != "." }
        }
        return ofLayers.values.map { $0.reduce(0) { $0 + $1.tensor.byteCount } }.max() ?? 0
    }
}

extension [TensorDescriptor] {
    /// Bytes of all of them.
    public var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}
