import DalleThreads

/// A list that several threads append to.
final class Collected<Item: Sendable>: Sendable {
    private let list = Monitor<[Item]>([])

    func append(_ item: Item) { list.withLock { $0.append(item) } }

    /// In the order they came.
    var items: [Item] { list.withLock { $0 } }
}
