/// A cursor over borrowed bytes that never reads past their end.
///
/// Every parser of this package reads through it: a length that a file declares is compared with the bytes that are
/// left before anything is allocated for it, and an error carries the offset.
public struct ByteReader: ~Escapable {
    private let bytes: Span<UInt8>
    /// Offset of the next byte, counted from the start of the bytes given.
    public private(set) var offset = 0

    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    public var count: Int { bytes.count }
    public var remaining: Int { bytes.count - offset }
    public var isAtEnd: Bool { offset == bytes.count }

    /// The bytes of the next `count`, and steps over them.
    ///
    /// - Throws: `badData` with the offset when there are fewer.
    @_lifetime(copy self)
    public mutating func read(_ count: Int) throws(DalleError) -> Span<UInt8> {
        try require(count)
        defer { offset += count }
        return bytes.extracting(offset..<(offset + count))
    }

    public mutating func skip(_ count: Int) throws(DalleError) {
        try require(count)
        offset += count
    }

    /// Moves to an absolute offset.
    public mutating func seek(to position: Int) throws(DalleError) {
        guard position >= 0, position <= bytes.count else {
            throw DalleError(
                .badData, "offset \(position) lies outside the \(bytes.count) bytes there are", offset: offset)
        }
        offset = position
    }

    public mutating func byte() throws(DalleError) -> UInt8 {
        try require(1)
        defer { offset += 1 }
        return bytes[offset]
    }

    public mutating func littleEndian<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) throws(DalleError) -> T {
        var value: T = 0
        let width = T.bitWidth / 8
        try require(width)
        for i in 0..<width { value |= T(bytes[offset + i]) << T(8 * i) }
        offset += width
        return value
    }

    public mutating func bigEndian<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) throws(DalleError) -> T {
        try littleEndian(T.self).byteSwapped
    }

    /// A 64-bit little-endian length, offset or extent.
    public mutating func size() throws(DalleError) -> Int {
        let start = offset
        guard let value = Int(exactly: try littleEndian(UInt64.self)) else {
            throw DalleError(.badData, "a size over 2^63", offset: start)
        }
        return value
    }

    /// The next `count` bytes as UTF-8 text with few marks in a row.
    public mutating func text(_ count: Int) throws(DalleError) -> String {
        let start = offset
        let span = try read(count)
        let text = span.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
        guard let text else { throw DalleError(.badData, "text that is not UTF-8", offset: start) }
        guard text.hasBoundedMarks else {
            throw DalleError(.badData, "text of more than \(String.maximumMarks) marks in a row", offset: start)
        }
        return text
    }

    private func require(_ count: Int) throws(DalleError) {
        guard count >= 0, count <= remaining else {
            throw DalleError(
                .badData, "\(count) bytes are declared and \(remaining) are left",
                remedy: "The file is damaged or cut off: get it again", offset: offset)
        }
    }
}
