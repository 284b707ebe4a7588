import DalleFormat

/// Reads a Python source that says nothing but `name = ('text', "text", None)`: the texts as bytes of ASCII.
///
/// Comments and line ends may stand anywhere between; anything else is refused where it stands.
struct PythonTuple {
    /// No spelling of a character comes near.
    private static let maximumTextLength = 1024

    private let source: [UInt8]
    private let maximumCount: Int
    private var position = 0

    init(_ source: [UInt8], maximumCount: Int) {
        self.source = source
        self.maximumCount = maximumCount
    }

    /// The elements of the tuple; None and the empty text are both empty.
    ///
    /// - Throws: `badData` with the offset of what is not understood.
    mutating func assignment(to name: String) throws(DalleError) -> [[UInt8]] {
        skipBlank()
        for byte in name.utf8 { try expect(byte, "the name \(name)") }
        skipBlank()
        try expect(UInt8(ascii: "="), "=")
        skipBlank()
        try expect(UInt8(ascii: "("), "(")
        var elements: [[UInt8]] = []
        skipBlank()
        while peek != UInt8(ascii: ")") {
            guard elements.count < maximumCount else { throw error("more than \(maximumCount) elements") }
            elements.append(try element())
            skipBlank()
            // One text in brackets without a comma would be no tuple.
            if peek == UInt8(ascii: ")"), elements.count > 1 { break }
            try expect(UInt8(ascii: ","), "a comma")
            skipBlank()
        }
        position += 1
        skipBlank()
        guard position == source.count else { throw error("something after the tuple") }
        return elements
    }

    private var peek: UInt8? { position < source.count ? source[position] : nil }

    private func error(_ message: String) -> DalleError {
        DalleError(
            .badData, message + ", expected a tuple of string literals and None",
            remedy: "Give the package as it is installed", offset: min(position, source.count))
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(DalleError) {
        guard peek == byte else { throw error("\(what) is missing") }
        position += 1
    }

    /// White space and comments.
    private mutating func skipBlank() {
        while let byte = peek {
            if byte == UInt8(ascii: "#") {
                position = source[position...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
            } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func element() throws(DalleError) -> [UInt8] {
        let none = Array("None".utf8)
        if source[position...].starts(with: none) {
            position += none.count
            return []
        }
        guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw error("no string literal")
        }
        position += 1
        var text: [UInt8] = []
        while let byte = peek, byte != quote {
            guard (0x20..<0x7F).contains(byte) else { throw error("a character that is not plain ASCII in a string") }
            guard text.count < Self.maximumTextLength else {
                throw error("a string of more than \(Self.maximumTextLength) bytes")
            }
            position += 1
            text.append(byte == UInt8(ascii: "\\") ? try escape() : byte)
        }
        try expect(quote, "the end of a string")
        return text
    }

    /// What follows a backslash.
    private mutating func escape() throws(DalleError) -> UInt8 {
        guard let byte = peek else { throw error("an unfinished escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): return byte
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "v"): return 0x0B
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "x"): return try number(radix: 16, digits: 2...2)
        case UInt8(ascii: "u"): return try number(radix: 16, digits: 4...4)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            position -= 1
            return try number(radix: 8, digits: 1...3)
        default:
            position -= 1
            throw error("an escape that is not known")
        }
    }

    private mutating func number(radix: Int, digits: ClosedRange<Int>) throws(DalleError) -> UInt8 {
        var (value, count) = (0, 0)
        while count < digits.upperBound, let byte = peek, byte < 0x80,
            let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix
        {
            (value, count) = (value * radix + digit, count + 1)
            position += 1
        }
        guard count >= digits.lowerBound, value < 0x80 else { throw error("an escape that is no character of ASCII") }
        return UInt8(value)
    }
}
