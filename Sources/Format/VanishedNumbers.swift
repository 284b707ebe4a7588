/// The tensors in which a shorter type has made 0 of numbers that were not: what is to be said of them.
public struct VanishedNumbers: Sendable {
    private struct Tensor: Sendable {
        let name: String
        let count: Int
        let elements: Int
        let type: String
    }

    private var tensors: [Tensor] = []

    public init() {}

    /// - Parameters:
    ///   - count: Elements that were not 0 and are now.
    ///   - elements: Of the tensor in all.
    ///   - type: That they are 0 in.
    public mutating func add(_ count: Int, of name: String, _ elements: Int, in type: String) {
        guard count > 0 else { return }
        tensors.append(Tensor(name: name, count: count, elements: elements, type: type))
    }

    /// Names in full as many as fit a glance, worst first.
    private static let namedCount = 4

    /// A line for each of the worst, and one for the others; none when nothing has vanished.
    public var notes: [String] {
        let ranked = tensors.enumerated().sorted { a, b in
            let (x, y) = (a.element, b.element)
            let (left, right) = (Double(x.count) / Double(x.elements), Double(y.count) / Double(y.elements))
            return left != right ? left > right : a.offset < b.offset
        }.map(\.element)
        var lines = ranked.prefix(Self.namedCount).map { tensor in
            let all = tensor.count == tensor.elements ? "all \(tensor.count)" : "\(tensor.count) of \(tensor.elements)"
            return "warning: \(all) numbers of '\(tensor.name)' become 0 in \(tensor.type)"
        }
        let rest = ranked.dropFirst(Self.namedCount)
        if !rest.isEmpty {
            let count = rest.reduce(0) { $0 + $1.count }
            lines.append("warning: \(count) numbers of \(rest.count) other tensors become 0 as well")
        }
        return lines
    }
}
