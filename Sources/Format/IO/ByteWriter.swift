/// Little-endian encoder of the small parts of a model file.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func littleEndian<T: FixedWidthInteger & UnsignedInteger>(_ value: T) {
        for i in 0..<(T.bitWidth / 8) { bytes.append(UInt8(truncatingIfNeeded: value >> T(8 * i))) }
    }

    mutating func size(_ value: Int) { littleEndian(UInt64(value)) }

    /// A string as its UTF-8 length in 32 bits and its bytes.
    mutating func text(_ value: String) {
        littleEndian(UInt32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }
}
