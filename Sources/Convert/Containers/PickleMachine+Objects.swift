import DalleFormat

/// Values that hold others: making them, filling them, using them again.
extension PickleMachine {
    mutating func pushObject(_ kind: PickleObject.Kind, _ items: [PickleValue]) throws(DalleError) {
        try stack.push(.object(objects.count))
        objects.append(PickleObject(kind: kind, items: items))
    }

    /// What an identifier stands for: data outside the pickle, or in old files a class with its source text.
    mutating func pushPersistent(_ identifier: [PickleValue]) throws(DalleError) {
        if let first = identifier.first, let parts = items(first, .tuple), parts.count >= 2,
            case .text("module") = parts[0], case .global = parts[1]
        {
            try stack.push(parts[1])
        } else {
            try pushObject(.persistent, identifier)
        }
    }

    /// Adds items to the object on top of the stack.
    mutating func extend(
        _ kind: PickleObject.Kind, by items: [PickleValue], _ opcode: PickleOpcode
    ) throws(DalleError) {
        guard case .object(let number) = try stack.top(), objects[number].kind == kind else {
            throw DalleError(.badData, "\(opcode.name) on a value that is no \(kind)")
        }
        guard kind != .dictionary || items.count.isMultiple(of: 2) else {
            throw DalleError(.badData, "\(opcode.name) with a key that has no value")
        }
        objects[number].items.append(contentsOf: items)
    }

    mutating func remember(_ index: Int) throws(DalleError) {
        guard index < limits.memo else {
            throw DalleError(.badData, "the memo number \(index), expected less than \(limits.memo)")
        }
        memo[index] = try stack.top()
    }

    mutating func recall(_ index: Int) throws(DalleError) {
        guard let value = memo[index] else { throw DalleError(.badData, "nothing has the memo number \(index)") }
        try stack.push(value)
    }

    /// Pushes what stands for the result of a call.
    mutating func call(_ callee: PickleValue, _ arguments: PickleValue) throws(DalleError) {
        guard case .global(let global) = callee else {
            throw DalleError(.badData, "the pickle calls a value that is no name")
        }
        guard let values = items(arguments, .tuple) else {
            throw DalleError(.badData, "the pickle calls '\(global)' with arguments that are no tuple")
        }
        switch global.role {
        case .dictionary: try pushObject(.dictionary, try pairs(values))
        case .list: try pushObject(.list, try contents(values))
        case .set: try pushObject(.set, try contents(values))
        case .firstArgument:
            guard let first = values.first else {
                throw DalleError(.badData, "the pickle calls '\(global)' without arguments")
            }
            try stack.push(first)
        case .tensor, .record: try pushObject(.instance, [callee, arguments])
        case .refused(let reason):
            throw DalleError(.badData, "the pickle calls '\(global)', which is not supported: \(reason)")
        case .storage, nil:
            throw DalleError(
                .badData, "the pickle calls '\(global)', which no checkpoint of a known kind does",
                remedy:
                    "Nothing was executed. If you trust the file, load it with PyTorch and save its state_dict alone",
                offset: global.offset)
        }
    }

    /// Sets the attributes of the object on top of the stack.
    mutating func build(_ state: PickleValue) throws(DalleError) {
        guard case .object(let number) = try stack.top() else {
            throw DalleError(.badData, "BUILD on a value that has no attributes")
        }
        switch objects[number].kind {
        case .instance: objects[number].items = Array(objects[number].items.prefix(2)) + [state]
        // An ordered dictionary's attributes: a state dictionary's `_metadata`, versions of layers.
        case .dictionary: break
        default: throw DalleError(.badData, "BUILD on a value that has no attributes")
        }
    }

    /// A dictionary's items from the arguments of its class: a dictionary, or a list of pairs.
    private mutating func pairs(_ arguments: [PickleValue]) throws(DalleError) -> [PickleValue] {
        for argument in arguments {
            if let items = items(argument, .dictionary) {
                try stack.charge(items.count)
                return items
            }
            guard let list = items(argument, .list) else { continue }
            try stack.charge(2 * list.count)
            var result: [PickleValue] = []
            for pair in list {
                guard let pair = items(pair, .tuple) ?? items(pair, .list), pair.count == 2 else {
                    throw DalleError(.badData, "a dictionary made of values that are no pairs")
                }
                result += pair
            }
            return result
        }
        return []
    }

    /// A list's or set's items from the arguments of its class.
    private mutating func contents(_ arguments: [PickleValue]) throws(DalleError) -> [PickleValue] {
        guard let first = arguments.first else { return [] }
        guard let items = items(first, .list) ?? items(first, .tuple) ?? items(first, .set) else {
            throw DalleError(.badData, "a list or set made of a value that holds none")
        }
        try stack.charge(items.count)
        return items
    }

    private func items(_ value: PickleValue, _ kind: PickleObject.Kind) -> [PickleValue]? {
        guard case .object(let number) = value, objects[number].kind == kind else { return nil }
        return objects[number].items
    }
}
