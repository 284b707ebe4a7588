import DalleFormat

/// Numbers, texts and names as they are written in a pickle.
extension PickleMachine {
    /// A little-endian two's complement integer.
    func integer(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        let bytes = try data(count, &reader)
        guard count <= 8 else { return .wideInteger(bytes) }
        var value: UInt64 = (bytes.last ?? 0) < 0x80 ? 0 : .max
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .integer(Int(Int64(bitPattern: value)))
    }

    func text(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        try require(count, atMost: limits.textByteCount)
        return .text(try reader.text(count))
    }

    func bytes(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        .bytes(try data(count, &reader))
    }

    /// Python 2's `str`, which is text or bytes.
    func string(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        let bytes = try data(count, &reader)
        guard let text = String(validating: bytes, as: UTF8.self), text.hasBoundedMarks else { return .bytes(bytes) }
        return .text(text)
    }

    /// A module's and a name's line.
    func global(_ reader: inout ByteReader) throws(DalleError) -> PickleGlobal {
        let start = reader.offset - 1
        return try name(try line(&reader), try line(&reader), offset: start)
    }

    /// A module and a name from the stack.
    mutating func popGlobal(at offset: Int) throws(DalleError) -> PickleGlobal {
        let values = try stack.popLast(2)
        guard case .text(let module) = values[0], case .text(let name) = values[1] else {
            throw DalleError(.badData, "a name that is not text")
        }
        return try self.name(module, name, offset: offset)
    }

    /// Names end up in messages, so they must be plain.
    private func name(_ module: String, _ name: String, offset: Int) throws(DalleError) -> PickleGlobal {
        let text = module + name
        guard text.utf8.count <= limits.nameByteCount, text.unicodeScalars.allSatisfy({ $0.value > 0x20 }) else {
            throw DalleError(.badData, "a module's or a class's name that cannot be one", offset: offset)
        }
        return PickleGlobal(module: module, name: name, offset: offset)
    }

    private func line(_ reader: inout ByteReader) throws(DalleError) -> String {
        var bytes: [UInt8] = []
        while true {
            let byte = try reader.byte()
            if byte == 0x0A { break }
            bytes.append(byte)
            try require(bytes.count, atMost: limits.nameByteCount)
        }
        guard let line = String(validating: bytes, as: UTF8.self), line.hasBoundedMarks else {
            throw DalleError(.badData, "a name that is not UTF-8, or of more than \(String.mostMarks) marks in a row")
        }
        return line
    }

    private func data(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> [UInt8] {
        try require(count, atMost: limits.textByteCount)
        return try reader.read(count).withUnsafeBufferPointer { Array($0) }
    }

    private func require(_ count: Int, atMost limit: Int) throws(DalleError) {
        guard count <= limit else {
            throw DalleError(.badData, "a text or integer of \(count) bytes, expected at most \(limit)")
        }
    }
}
