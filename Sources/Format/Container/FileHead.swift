/// The first 64 bytes of a model file.
///
///     0   8  magic: 89 'D' 'A' 'L' 'L' 'E' 0D 0A
///     8   4  version of the format
///     12  4  zero
///     16  8  offset of the index
///     24  8  bytes of the index, which ends the file
///     32  16 root: XXH3-128 of the index
///     48  8  zero
///     56  8  XXH3-64 of the 56 bytes before
struct FileHead: Equatable {
    static let byteCount = 64
    /// A byte over 127, a name, and a line end that a transfer in text mode would change.
    static let magic: [UInt8] = [0x89] + Array("DALLE".utf8) + [0x0D, 0x0A]
    static let version: UInt32 = 1

    let index: Range<Int>
    let root: Digest

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(FileHead.magic)
        writer.littleEndian(FileHead.version)
        writer.littleEndian(UInt32(0))
        writer.size(index.lowerBound)
        writer.size(index.count)
        writer.append(root.bytes)
        writer.size(0)
        writer.littleEndian(writer.bytes.withUnsafeBytes(Checksum.chunk))
        return writer.bytes
    }

    init(index: Range<Int>, root: Digest) {
        self.index = index
        self.root = root
    }

    /// - Throws: `badData` when this is no model file, a later version, damaged or cut off.
    init(_ file: Span<UInt8>) throws(DalleError) {
        var reader = ByteReader(file)
        guard file.count >= FileHead.byteCount, try Array(reader.read(8)) == FileHead.magic else {
            throw DalleError(
                .badData, "is not a model file of this package: \(FileSignature.describe(file))",
                remedy: "Make one from a checkpoint with dalle-convert")
        }
        let version = try reader.littleEndian(UInt32.self)
        guard version == FileHead.version else {
            throw DalleError(
                .badData, "is of format version \(version), and this program reads version \(FileHead.version)",
                remedy: "Use a newer program", offset: 8)
        }
        let reserved = try reader.littleEndian(UInt32.self)
        let (offset, count) = (try reader.size(), try reader.size())
        root = Digest(bytes: Array(try reader.read(Digest.byteCount)))
        let reservedToo = try reader.size()
        let checksum = try reader.littleEndian(UInt64.self)
        let expected = file.extracting(0..<56).withUnsafeBytes(Checksum.chunk)
        guard checksum == expected, reserved == 0, reservedToo == 0 else {
            throw DalleError(.badData, "the head is damaged", remedy: "Convert the checkpoint again", offset: 0)
        }
        guard offset >= FileHead.byteCount, offset <= file.count, count == file.count - offset else {
            throw DalleError(
                .badData, "has \(file.count) bytes instead of \(offset &+ count)",
                remedy: "The file is cut off: copy or convert it again")
        }
        index = offset..<(offset + count)
    }
}

extension Array where Element == UInt8 {
    init(_ span: Span<UInt8>) { self = span.withUnsafeBufferPointer { Array($0) } }
}
