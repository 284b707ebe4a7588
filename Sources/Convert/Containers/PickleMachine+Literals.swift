import DalleFormat

/// Numbers, texts and names as they are written in a pickle.
extension PickleMachine {
    /// A little-endian two's complement integer.
    mutating func integer(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        guard count <= limits.textByteCount else { return try bytes(count, &reader) }
        return Self.integer(try reader.read(count).withUnsafeBufferPointer { Array($0) })
    }

    static func integer(_ bytes: [UInt8]) -> PickleValue {
        guard bytes.count <= 8 else { return .wideInteger(bytes) }
        var value: UInt64 = (bytes.last ?? 0) < 0x80 ? 0 : .max
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .integer(Int(Int64(bitPattern: value)))
    }

    /// A text; bytes where Python 2's `str` or a text with halves of surrogate pairs is none.
    mutating func text(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        let start = reader.offset
        guard count <= limits.textByteCount else {
            try pass(count, &reader)
            return .longText(start..<reader.offset)
        }
        let span = try reader.read(count)
        guard let text = span.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) }), text.hasBoundedMarks
        else { return .bytes(start..<reader.offset) }
        return .text(text)
    }

    mutating func bytes(_ count: Int, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        let start = reader.offset
        try pass(count, &reader)
        return .bytes(start..<reader.offset)
    }

    /// Steps over bytes that are not looked at; long ones do not count as part of the pickle.
    private mutating func pass(_ count: Int, _ reader: inout ByteReader) throws(DalleError) {
        try reader.skip(count)
        if count > limits.textByteCount { passedByteCount += count }
    }

    /// A module's and a name's line.
    func global(_ reader: inout ByteReader) throws(DalleError) -> PickleGlobal {
        let start = reader.offset - 1
        return try name(try nameLine(&reader), try nameLine(&reader), offset: start)
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
        guard text.utf8.count <= limits.nameByteCount, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw DalleError(.badData, "a module's or a class's name that cannot be one", offset: offset)
        }
        return PickleGlobal(module: module, name: name, offset: offset)
    }

    private func nameLine(_ reader: inout ByteReader) throws(DalleError) -> String {
        guard let line = try line(&reader, atMost: limits.nameByteCount) else {
            throw DalleError(.badData, "a name of more than \(limits.nameByteCount) bytes")
        }
        guard let name = String(validating: line, as: UTF8.self), name.hasBoundedMarks else {
            throw DalleError(
                .badData, "a name that is not UTF-8, or of more than \(String.maximumMarks) marks in a row")
        }
        return name
    }
}

/// The same in protocol 0, which writes them as lines of text.
extension PickleMachine {
    /// The next line without its end; nil for a longer one, which is stepped over.
    func line(_ reader: inout ByteReader, atMost limit: Int) throws(DalleError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var isLonger = false
        while true {
            let byte = try reader.byte()
            if byte == 0x0A { return isLonger ? nil : bytes }
            isLonger = isLonger || bytes.count == limit
            if !isLonger { bytes.append(byte) }
        }
    }

    /// An integer in decimal; Python 2's `long` ends in L, and its `bool` is 00 or 01.
    func decimalInteger(_ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        var digits = try line(&reader, atMost: limits.nameByteCount) ?? []
        if digits == Array("00".utf8) { return .bool(false) }
        if digits == Array("01".utf8) { return .bool(true) }
        if digits.last == UInt8(ascii: "L") { digits.removeLast() }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw DalleError(.badData, "a number that is none, or of more than \(limits.nameByteCount) digits")
        }
        // Eighteen digits at a time into limbs of 64 bits.
        var limbs: [UInt64] = []
        for start in stride(from: 0, to: digits.count, by: 18) {
            let part = digits[start..<min(start + 18, digits.count)]
            var factor: UInt64 = 1
            var carry: UInt64 = 0
            for digit in part {
                factor *= 10
                carry = carry * 10 + UInt64(digit - 0x30)
            }
            for index in limbs.indices {
                let product = limbs[index].multipliedFullWidth(by: factor)
                let (low, overflow) = product.low.addingReportingOverflow(carry)
                limbs[index] = low
                carry = product.high + (overflow ? 1 : 0)
            }
            if carry > 0 { limbs.append(carry) }
        }
        var bytes = limbs.flatMap { limb in (0..<8).map { UInt8(truncatingIfNeeded: limb >> (8 * $0)) } }
        while bytes.last == 0 { bytes.removeLast() }
        if bytes.last ?? 0 >= 0x80 { bytes.append(0) }
        if isNegative {
            var carry = true
            for index in bytes.indices {
                bytes[index] = ~bytes[index]
                if carry { (bytes[index], carry) = bytes[index].addingReportingOverflow(1) }
            }
            // A negative power of two needs no byte for its sign.
            if bytes.count > 1, bytes[bytes.count - 1] == 0xFF, bytes[bytes.count - 2] >= 0x80 { bytes.removeLast() }
        }
        return Self.integer(bytes)
    }

    func decimalNumber(_ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        let line = try line(&reader, atMost: limits.nameByteCount) ?? []
        guard let number = Double(String(decoding: line, as: UTF8.self)) else {
            throw DalleError(.badData, "a number that is none")
        }
        return .number(number)
    }

    /// A text with escapes: Python 2's `str` in quotes, or one of Unicode.
    mutating func escapedText(isQuoted: Bool, _ reader: inout ByteReader) throws(DalleError) -> PickleValue {
        let start = reader.offset
        guard var line = try line(&reader, atMost: limits.textByteCount) else {
            passedByteCount += reader.offset - start
            return .longText(start..<reader.offset - 1)
        }
        if isQuoted {
            guard line.count >= 2, let quote = line.first, quote == line.last, [0x22, 0x27].contains(quote) else {
                throw DalleError(.badData, "a text without quotes")
            }
            line = Array(line[1..<line.count - 1])
        }
        guard let text = isQuoted ? Self.unescaped(line) : Self.unicode(line), text.hasBoundedMarks else {
            return .bytes(start..<reader.offset - 1)
        }
        return .text(text)
    }

    /// The text that Python's `repr` of bytes stands for; nil when it is none.
    private static func unescaped(_ line: [UInt8]) -> String? {
        let letters: [UInt8: UInt8] = [
            0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09, 0x5C: 0x5C, 0x27: 0x27, 0x22: 0x22, 0x61: 7, 0x62: 8, 0x66: 0x0C,
            0x76: 0x0B,
        ]
        var bytes: [UInt8] = []
        var rest = line[...]
        while let byte = rest.popFirst() {
            guard byte == 0x5C else {
                bytes.append(byte)
                continue
            }
            guard let letter = rest.popFirst() else { return nil }
            if letter == UInt8(ascii: "x") {
                guard let value = hexadecimal(2, &rest), let byte = UInt8(exactly: value) else { return nil }
                bytes.append(byte)
            } else if let byte = letters[letter] {
                bytes.append(byte)
            } else {
                return nil
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text that Python's `raw-unicode-escape` stands for; nil for one with halves of surrogate pairs.
    private static func unicode(_ line: [UInt8]) -> String? {
        var text = String.UnicodeScalarView()
        var rest = line[...]
        while let byte = rest.popFirst() {
            let digits = byte == 0x5C ? [UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8][rest.first ?? 0] : nil
            guard let digits else {
                text.append(Unicode.Scalar(byte))
                continue
            }
            rest.removeFirst()
            guard let scalar = hexadecimal(digits, &rest).flatMap(Unicode.Scalar.init) else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    private static func hexadecimal(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> UInt32? {
        guard rest.count >= count else { return nil }
        defer { rest.removeFirst(count) }
        return UInt32(String(decoding: rest.prefix(count), as: UTF8.self), radix: 16)
    }
}
