import DalleFormat

/// Reads a pickle without executing it.
///
/// A pickle is a program for a stack machine that may call any Python function. This machine runs the part that builds
/// data. Where something is called, it makes an object that says what, and that may be filled, called and used again
/// like any other; only of a few names (`PickleGlobal.role`) is it known what they make. All instructions of protocols
/// 0 to 5 are understood.
struct PickleMachine {
    /// Bounds on what a pickle makes the machine keep; real ones stay far below.
    struct Limits: Sendable {
        /// Bytes of one pickle without long texts and bytes, which stay where they are.
        var byteCount = 256 << 20
        /// Values pushed, in all, without those of long lists that are not kept.
        var values = 1 << 21
        /// Elements of a list that are kept whatever they are.
        var plainElements = 1 << 16
        /// Marks waiting at one time; Python's own pickler gives up near a depth of 1000.
        var marks = 4096
        /// Entries of the memo, and their highest number.
        var memo = 1 << 21
        /// Bytes of a text that is copied.
        var textByteCount = 1 << 16
        /// Bytes of a module's or a class's name, and digits of a number.
        var nameByteCount = 4096
    }

    let limits: Limits
    var stack: PickleStack
    var memo: [Int: PickleValue] = [:]
    var objects: [PickleObject] = []
    var additions: [Int: PickleAdditions] = [:]
    /// Bytes of long texts and bytes so far.
    var passedByteCount = 0

    private init(_ limits: Limits) {
        self.limits = limits
        stack = PickleStack(limits)
    }

    /// Reads one pickle and leaves the reader after it.
    ///
    /// - Throws: `badData` with the offset of the instruction concerned.
    static func run(_ reader: inout ByteReader, limits: Limits = Limits()) throws(DalleError) -> Pickle {
        var machine = PickleMachine(limits)
        let beginning = reader.offset
        while true {
            let start = reader.offset
            do throws(DalleError) {
                guard start - beginning - machine.passedByteCount <= limits.byteCount else {
                    throw DalleError(.badData, "a pickle of more than \(limits.byteCount) bytes")
                }
                let code = try reader.byte()
                guard let opcode = PickleOpcode(rawValue: code) else {
                    throw DalleError(.badData, "the pickle instruction 0x\(String(code, radix: 16)) does not exist")
                }
                if opcode == .stop {
                    return Pickle(
                        root: try machine.stack.pop(), objects: machine.objects, additions: machine.additions)
                }
                try machine.execute(opcode, &reader)
            } catch {
                throw error.located(offset: start)
            }
        }
    }

    private mutating func execute(_ opcode: PickleOpcode, _ reader: inout ByteReader) throws(DalleError) {
        switch opcode {
        case .proto:
            let version = try reader.byte()
            guard version <= 5 else { throw DalleError(.badData, "pickle protocol \(version), expected at most 5") }
        case .frame: try reader.skip(8)  // a hint for reading ahead

        case .none: try stack.push(.none)
        case .newtrue: try stack.push(.bool(true))
        case .newfalse: try stack.push(.bool(false))
        case .binint: try stack.push(.integer(Int(Int32(bitPattern: try reader.littleEndian(UInt32.self)))))
        case .binint1: try stack.push(.integer(Int(try reader.byte())))
        case .binint2: try stack.push(.integer(Int(try reader.littleEndian(UInt16.self))))
        case .long1: try stack.push(try integer(Int(try reader.byte()), &reader))
        case .long4: try stack.push(try integer(Int(try reader.littleEndian(UInt32.self)), &reader))
        case .int, .long: try stack.push(try decimalInteger(&reader))
        case .float: try stack.push(try decimalNumber(&reader))
        case .binfloat: try stack.push(.number(Double(bitPattern: try reader.bigEndian(UInt64.self))))

        case .shortBinunicode: try stack.push(try text(Int(try reader.byte()), &reader))
        case .binunicode: try stack.push(try text(Int(try reader.littleEndian(UInt32.self)), &reader))
        case .binunicode8: try stack.push(try text(try reader.size(), &reader))
        case .shortBinstring: try stack.push(try text(Int(try reader.byte()), &reader))
        case .binstring: try stack.push(try text(Int(try reader.littleEndian(UInt32.self)), &reader))
        case .string: try stack.push(try escapedText(isQuoted: true, &reader))
        case .unicode: try stack.push(try escapedText(isQuoted: false, &reader))
        case .shortBinbytes: try stack.push(try bytes(Int(try reader.byte()), &reader))
        case .binbytes: try stack.push(try bytes(Int(try reader.littleEndian(UInt32.self)), &reader))
        case .binbytes8, .bytearray8: try stack.push(try bytes(try reader.size(), &reader))
        // Bytes that the writer gave to something else than the file, and whether they may be changed.
        case .nextBuffer: try pushObject(.external, [.none])
        case .readonlyBuffer: _ = try stack.top()

        case .emptyTuple: try pushObject(.tuple, [])
        case .emptyList: try pushObject(.list, [])
        case .emptyDict: try pushObject(.dictionary, [])
        case .emptySet: try pushObject(.set, [])
        case .tuple1: try pushObject(.tuple, try stack.popLast(1))
        case .tuple2: try pushObject(.tuple, try stack.popLast(2))
        case .tuple3: try pushObject(.tuple, try stack.popLast(3))
        case .tuple: try pushObject(.tuple, try stack.popToMark())
        case .list: try pushObject(.list, try stack.popToMark())
        case .frozenset: try pushObject(.set, try stack.popToMark())
        case .dict:
            let items = try stack.popToMark()
            try pushObject(.dictionary, [])
            try extend(.dictionary, by: items, opcode)

        case .append: try extend(.list, by: try stack.popLast(1), opcode)
        case .appends: try extend(.list, by: try stack.popToMark(), opcode)
        case .additems: try extend(.set, by: try stack.popToMark(), opcode)
        case .setitem: try extend(.dictionary, by: try stack.popLast(2), opcode)
        case .setitems: try extend(.dictionary, by: try stack.popToMark(), opcode)

        case .mark: try stack.mark()
        case .pop: try stack.discard()
        case .popMark: _ = try stack.popToMark()
        case .dup:
            let value = try stack.pop()
            try stack.push(value)
            try stack.push(value)

        case .binput: try remember(Int(try reader.byte()))
        case .longBinput: try remember(Int(try reader.littleEndian(UInt32.self)))
        case .memoize: try remember(memo.count)
        case .put: try remember(try memoNumber(&reader))
        case .get: try recall(try memoNumber(&reader))
        case .binget: try recall(Int(try reader.byte()))
        case .longBinget: try recall(Int(try reader.littleEndian(UInt32.self)))

        case .global: try stack.push(.global(try global(&reader)))
        case .stackGlobal: try stack.push(.global(try popGlobal(at: reader.offset - 1)))
        case .inst:
            let callee = try global(&reader)
            try pushObject(.tuple, try stack.popToMark())
            try call(.global(callee), try stack.pop())
        case .obj:
            let items = try stack.popToMark()
            guard let callee = items.first else { throw DalleError(.badData, "OBJ without a class") }
            try pushObject(.tuple, Array(items.dropFirst()))
            try call(callee, try stack.pop())
        case .reduce, .newobj:
            let values = try stack.popLast(2)
            try call(values[0], values[1])
        case .newobjEx:
            let values = try stack.popLast(3)
            try call(values[0], values[1])
        case .build: try build(try stack.pop())
        case .binpersid: try pushPersistent(try stack.pop())
        case .persid:
            let line = try line(&reader, atMost: limits.nameByteCount) ?? []
            try pushPersistent(.text(String(decoding: line, as: UTF8.self)))
        case .ext1: try pushExtension(Int(try reader.byte()), at: reader.offset - 2)
        case .ext2: try pushExtension(Int(try reader.littleEndian(UInt16.self)), at: reader.offset - 3)
        case .ext4: try pushExtension(Int(try reader.littleEndian(UInt32.self)), at: reader.offset - 5)

        case .stop: throw DalleError(.fault, "the machine runs on after its end")
        }
    }

    private func memoNumber(_ reader: inout ByteReader) throws(DalleError) -> Int {
        guard case .integer(let number) = try decimalInteger(&reader) else {
            throw DalleError(.badData, "a memo number that is none")
        }
        return number
    }
}
