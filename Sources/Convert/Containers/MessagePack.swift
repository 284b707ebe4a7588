import DalleFormat

/// A MessagePack value; long contents stay in the file as byte ranges.
///
/// Encoding: github.com/msgpack/msgpack/blob/master/spec.md.
indirect enum MessagePack: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case binary(Range<Int>)
    case list([MessagePack])
    /// In file order; keys are texts and occur once.
    case map([Entry])
    case ext(type: Int8, Range<Int>)

    struct Entry: Sendable, Equatable {
        let key: String
        let value: MessagePack
    }

    /// What a reader accepts before it calls a file damaged.
    struct Limits: Sendable {
        /// Nesting of maps and lists; parameter trees reach about 10.
        var depth = 64
        /// Values in a file; an unstacked Mega has about 20,000, array contents do not count.
        var values = 1 << 20
    }

    /// The one value that `bytes` holds.
    ///
    /// - Throws: `badData` with the offset for anything that is not exactly one well-formed value.
    init(_ bytes: Span<UInt8>, limits: Limits = Limits()) throws(DalleError) {
        var parser = MessagePackParser(ByteReader(bytes), limits: limits)
        self = try parser.value(depth: 0)
        guard parser.reader.isAtEnd else {
            throw DalleError(
                .badData, "\(parser.reader.remaining) bytes follow the last value",
                remedy: "The file is damaged: get it again", offset: parser.reader.offset)
        }
    }
}

private struct MessagePackParser: ~Escapable {
    var reader: ByteReader
    private let limits: MessagePack.Limits
    private var values = 0

    @_lifetime(copy reader)
    init(_ reader: consuming ByteReader, limits: MessagePack.Limits) {
        self.reader = reader
        self.limits = limits
    }

    mutating func value(depth: Int) throws(DalleError) -> MessagePack {
        let start = reader.offset
        values += 1
        guard depth < limits.depth else {
            throw DalleError(.badData, "values nest deeper than \(limits.depth)", offset: start)
        }
        guard values <= limits.values else {
            throw DalleError(.badData, "holds more than \(limits.values) values", offset: start)
        }
        let tag = try reader.byte()
        switch tag {
        case 0x00...0x7F: return .integer(Int(tag))
        case 0x80...0x8F: return try map(count: Int(tag & 0x0F), depth: depth)
        case 0x90...0x9F: return try list(count: Int(tag & 0x0F), depth: depth)
        case 0xA0...0xBF: return .text(try reader.text(Int(tag & 0x1F)))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4...0xC6: return .binary(try range(try size(tag - 0xC4)))
        case 0xC7...0xC9: return try ext(try size(tag - 0xC7))
        case 0xCA: return .number(Double(Float(bitPattern: try reader.bigEndian(UInt32.self))))
        case 0xCB: return .number(Double(bitPattern: try reader.bigEndian(UInt64.self)))
        case 0xCC: return .integer(Int(try reader.byte()))
        case 0xCD: return .integer(Int(try reader.bigEndian(UInt16.self)))
        case 0xCE: return .integer(Int(try reader.bigEndian(UInt32.self)))
        case 0xCF:
            guard let value = Int(exactly: try reader.bigEndian(UInt64.self)) else {
                throw DalleError(.badData, "an integer over 2^63", offset: start)
            }
            return .integer(value)
        case 0xD0: return .integer(Int(Int8(bitPattern: try reader.byte())))
        case 0xD1: return .integer(Int(Int16(bitPattern: try reader.bigEndian(UInt16.self))))
        case 0xD2: return .integer(Int(Int32(bitPattern: try reader.bigEndian(UInt32.self))))
        case 0xD3: return .integer(Int(Int64(bitPattern: try reader.bigEndian(UInt64.self))))
        case 0xD4...0xD8: return try ext(1 << Int(tag - 0xD4))
        case 0xD9...0xDB: return .text(try reader.text(try size(tag - 0xD9)))
        case 0xDC...0xDD: return try list(count: try size(tag - 0xDC + 1), depth: depth)
        case 0xDE...0xDF: return try map(count: try size(tag - 0xDE + 1), depth: depth)
        case 0xE0...0xFF: return .integer(Int(Int8(bitPattern: tag)))
        default: throw DalleError(.badData, "a byte that starts no MessagePack value", offset: start)
        }
    }

    /// A length of 1, 2 or 4 bytes, for `width` 0, 1, 2.
    private mutating func size(_ width: UInt8) throws(DalleError) -> Int {
        switch width {
        case 0: Int(try reader.byte())
        case 1: Int(try reader.bigEndian(UInt16.self))
        default: Int(try reader.bigEndian(UInt32.self))
        }
    }

    private mutating func range(_ count: Int) throws(DalleError) -> Range<Int> {
        let start = reader.offset
        try reader.skip(count)
        return start..<reader.offset
    }

    private mutating func ext(_ count: Int) throws(DalleError) -> MessagePack {
        let type = Int8(bitPattern: try reader.byte())
        return .ext(type: type, try range(count))
    }

    private mutating func list(count: Int, depth: Int) throws(DalleError) -> MessagePack {
        try require(count, ofBytes: 1)
        // Nothing is set aside: lists inside lists may all claim what is left.
        var values: [MessagePack] = []
        for _ in 0..<count { values.append(try value(depth: depth + 1)) }
        return .list(values)
    }

    private mutating func map(count: Int, depth: Int) throws(DalleError) -> MessagePack {
        try require(count, ofBytes: 2)
        var entries: [MessagePack.Entry] = []
        var seen = Set<String>()
        for _ in 0..<count {
            let start = reader.offset
            guard case .text(let key) = try value(depth: depth + 1) else {
                throw DalleError(.badData, "a map with a key that is no text", offset: start)
            }
            guard seen.insert(key).inserted else {
                throw DalleError(.badData, "the key is there twice", item: key, offset: start)
            }
            entries.append(MessagePack.Entry(key: key, value: try value(depth: depth + 1)))
        }
        return .map(entries)
    }

    /// Items that are declared must be able to fit into what is left, and into the limit.
    private func require(_ count: Int, ofBytes size: Int) throws(DalleError) {
        guard count <= reader.remaining / size, count <= limits.values else {
            throw DalleError(
                .badData, "\(count) items are declared and \(reader.remaining) bytes are left",
                remedy: "The file is damaged or cut off: get it again", offset: reader.offset)
        }
    }
}
