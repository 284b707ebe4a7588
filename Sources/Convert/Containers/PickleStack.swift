import DalleFormat

/// The stack of a pickle machine.
struct PickleStack {
    private let limits: PickleMachine.Limits
    private var values: [PickleValue] = []
    /// Heights where marks stand; what lies below the last one cannot be reached.
    private var marks: [Int] = []
    private var budget: Int

    init(_ limits: PickleMachine.Limits) {
        self.limits = limits
        budget = limits.values
    }

    /// Accounts for values that are about to be kept.
    mutating func charge(_ count: Int) throws(DalleError) {
        guard count <= budget else {
            throw DalleError(.badData, "a pickle of more than \(limits.values) values")
        }
        budget -= count
    }

    /// Takes back what was accounted for values that are not kept after all.
    mutating func refund(_ count: Int) { budget += count }

    mutating func push(_ value: PickleValue) throws(DalleError) {
        try charge(1)
        values.append(value)
    }

    mutating func mark() throws(DalleError) {
        guard marks.count < limits.marks else {
            throw DalleError(.badData, "values nest deeper than \(limits.marks)")
        }
        marks.append(values.count)
    }

    mutating func pop() throws(DalleError) -> PickleValue { try popLast(1)[0] }

    /// Removes the topmost value, or the last mark if nothing stands above it.
    mutating func discard() throws(DalleError) {
        if let height = marks.last, height == values.count {
            marks.removeLast()
        } else {
            _ = try pop()
        }
    }

    /// The topmost values, in the order they were pushed.
    mutating func popLast(_ count: Int) throws(DalleError) -> [PickleValue] {
        guard values.count - (marks.last ?? 0) >= count else { throw Self.missing }
        defer { values.removeLast(count) }
        return Array(values.suffix(count))
    }

    /// The values above the last mark, which goes too.
    mutating func popToMark() throws(DalleError) -> [PickleValue] {
        guard let height = marks.popLast() else { throw DalleError(.badData, "a pickle instruction misses its mark") }
        defer { values.removeLast(values.count - height) }
        return Array(values[height...])
    }

    /// The topmost value, which stays.
    func top() throws(DalleError) -> PickleValue {
        guard values.count > marks.last ?? 0, let value = values.last else { throw Self.missing }
        return value
    }

    private static let missing = DalleError(.badData, "a pickle instruction finds no value on the stack")
}
