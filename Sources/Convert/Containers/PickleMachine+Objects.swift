import DalleFormat

/// Values that hold others: making them, filling them, using them again.
extension PickleMachine {
    mutating func pushObject(_ kind: PickleObject.Kind, _ items: [PickleValue]) throws(DalleError) {
        try stack.push(.object(objects.count))
        objects.append(PickleObject(kind: kind, items: items))
    }

    /// What an identifier stands for: data outside the pickle, or in old files a class with its source text.
    mutating func pushPersistent(_ identifier: PickleValue) throws(DalleError) {
        if let parts = items(identifier, .tuple), parts.count >= 2, case .text("module") = parts[0],
            case .global = parts[1]
        {
            try stack.push(parts[1])
        } else {
            try pushObject(.external, [identifier])
        }
    }

    /// A name that stands in a table of the writer's under a number.
    mutating func pushExtension(_ code: Int, at offset: Int) throws(DalleError) {
        try stack.push(.global(PickleGlobal(module: "copyreg", name: "extension \(code)", offset: offset)))
    }

    /// Adds items to the object on top of the stack.
    mutating func extend(
        _ kind: PickleObject.Kind, by items: [PickleValue], _ opcode: PickleOpcode
    ) throws(DalleError) {
        guard case .object(let number) = try stack.top(), objects[number].kind == kind || objects[number].isOpaque
        else {
            throw DalleError(.badData, "\(opcode.name) on a value that is no \(kind)")
        }
        guard kind != .dictionary || items.count.isMultiple(of: 2) else {
            throw DalleError(.badData, "\(opcode.name) with a key that has no value")
        }
        if objects[number].kind == kind {
            objects[number].items.append(contentsOf: needed(items, after: objects[number].items.count, kind))
        } else if kind == .dictionary {
            additions[number, default: PickleAdditions()].entries.append(contentsOf: items)
        } else {
            additions[number, default: PickleAdditions()].elements.append(contentsOf: items)
        }
    }

    /// Of a long list, such as a log of numbers, only what may hold a tensor is kept.
    private mutating func needed(
        _ items: [PickleValue], after count: Int, _ kind: PickleObject.Kind
    ) -> [PickleValue] {
        guard kind != .dictionary, count >= limits.plainElements else { return items }
        let kept = items.filter { if case .object = $0 { true } else { false } }
        stack.refund(items.count - kept.count)
        return kept
    }

    mutating func remember(_ index: Int) throws(DalleError) {
        guard index >= 0, index < limits.memo else {
            throw DalleError(.badData, "the memo number \(index), expected less than \(limits.memo)")
        }
        memo[index] = try stack.top()
    }

    mutating func recall(_ index: Int) throws(DalleError) {
        guard let value = memo[index] else { throw DalleError(.badData, "nothing has the memo number \(index)") }
        try stack.push(value)
    }

    /// Sets the attributes of the object on top of the stack.
    mutating func build(_ state: PickleValue) throws(DalleError) {
        switch try stack.top() {
        case .object(let number) where objects[number].isOpaque:
            additions[number, default: PickleAdditions()].states.append(state)
        // An ordered dictionary's attributes: a state dictionary's `_metadata`, versions of layers.
        case .object(let number) where objects[number].kind == .dictionary: break
        // A class's own attributes.
        case .global: break
        default: throw DalleError(.badData, "BUILD on a value that has no attributes")
        }
    }

    /// Pushes what stands for the result of a call.
    mutating func call(_ callee: PickleValue, _ arguments: PickleValue) throws(DalleError) {
        let (callee, arguments) = try innermostCall(callee, arguments)
        let global: PickleGlobal?
        switch callee {
        case .global(let name): global = name
        // The result of another call.
        case .object(let number) where objects[number].isOpaque: global = nil
        default: throw DalleError(.badData, "the pickle calls a value that is no name")
        }
        guard let values = items(arguments, .tuple) else {
            guard case .object(let number) = arguments, objects[number].isOpaque else {
                let name = global.map { " '\($0)'" } ?? ""
                throw DalleError(.badData, "the pickle calls\(name) with arguments that are no tuple")
            }
            return try pushObject(.instance, [callee, arguments])
        }
        switch global?.role {
        case .dictionary?:
            if let items = try pairs(values) { return try pushObject(.dictionary, items) }
        case .list?:
            if let items = try contents(values) { return try pushObject(.list, items) }
        case .set?:
            if let items = try contents(values) { return try pushObject(.set, items) }
        case .firstArgument?:
            if let first = values.first { return try stack.push(first) }
        default: break
        }
        try pushObject(.instance, [callee, arguments])
    }

    /// The call that a call comes to, where it is known to hand over to another.
    private mutating func innermostCall(
        _ callee: PickleValue, _ arguments: PickleValue
    ) throws(DalleError) -> (PickleValue, PickleValue) {
        var (callee, arguments) = (callee, arguments)
        while case .global(let global) = callee, let values = items(arguments, .tuple), values.count >= 1 {
            guard isCallable(values[0]) else { break }
            switch global.role {
            case .typedTensor? where values.count >= 3 && items(values[2], .tuple) != nil:
                try stack.charge(1)
                (callee, arguments) = (values[0], values[2])
            case .newObject?:
                try stack.charge(values.count)
                callee = values[0]
                arguments = .object(objects.count)
                objects.append(PickleObject(kind: .tuple, items: Array(values.dropFirst())))
            default: return (callee, arguments)
            }
        }
        return (callee, arguments)
    }

    private func isCallable(_ value: PickleValue) -> Bool {
        switch value {
        case .global: true
        case .object(let number): objects[number].isOpaque
        default: false
        }
    }

    /// A dictionary's items from the arguments of its class: a dictionary, or a list of pairs; nil for anything else.
    private mutating func pairs(_ arguments: [PickleValue]) throws(DalleError) -> [PickleValue]? {
        for argument in arguments {
            if let items = items(argument, .dictionary) {
                try stack.charge(items.count)
                return items
            }
            guard let list = items(argument, .list) else { continue }
            try stack.charge(2 * list.count)
            var result: [PickleValue] = []
            for pair in list {
                guard let pair = items(pair, .tuple) ?? items(pair, .list), pair.count == 2 else { return nil }
                result += pair
            }
            return result
        }
        return []
    }

    /// A list's or set's items from the arguments of its class; nil when those are not known.
    private mutating func contents(_ arguments: [PickleValue]) throws(DalleError) -> [PickleValue]? {
        guard let first = arguments.first else { return [] }
        guard let items = items(first, .list) ?? items(first, .tuple) ?? items(first, .set) else { return nil }
        try stack.charge(items.count)
        return items
    }

    private func items(_ value: PickleValue, _ kind: PickleObject.Kind) -> [PickleValue]? {
        guard case .object(let number) = value, objects[number].kind == kind else { return nil }
        return objects[number].items
    }
}
