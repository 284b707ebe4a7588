import DalleFormat

/// The directory of a zip archive and the local headers it points to.
///
/// After PKWARE's APPNOTE 6.3.10. What the records say twice must agree, so that no two readers can see different
/// archives in one file.
enum ZipDirectory {
    /// - Parameter bytes: the whole file.
    static func members(_ bytes: Span<UInt8>) throws(DalleError) -> [ZipArchive.Member] {
        let end = try ZipEnd(bytes)
        var reader = ByteReader(bytes)
        try reader.seek(to: end.directory.lowerBound)
        guard end.entryCount <= end.directory.count / ZipEntry.minimumByteCount else {
            throw DalleError(
                .badData, "a directory of \(end.entryCount) members in \(end.directory.count) bytes",
                offset: end.directory.lowerBound)
        }
        var entries: [ZipEntry] = []
        for _ in 0..<end.entryCount {
            let start = reader.offset
            do throws(DalleError) {
                entries.append(try ZipEntry(&reader))
            } catch {
                throw error.located(offset: start)
            }
        }
        guard reader.offset == end.directory.upperBound else {
            throw DalleError(
                .badData, "the directory ends here instead of at byte \(end.directory.upperBound)",
                offset: reader.offset)
        }
        try requireUnique(entries)
        var members: [ZipArchive.Member] = []
        for entry in entries {
            do throws(DalleError) {
                let range = try entry.contentRange(bytes, before: end.directory.lowerBound)
                members.append(entry.member(range))
            } catch {
                throw error.located(item: entry.name, offset: entry.headerOffset)
            }
        }
        try requireApart(entries, members)
        return members
    }

    private static func requireUnique(_ entries: [ZipEntry]) throws(DalleError) {
        var seen = Set<String>()
        for entry in entries where !seen.insert(entry.name).inserted {
            throw DalleError(.badData, "is there twice", item: entry.name, offset: entry.headerOffset)
        }
    }

    private static func requireApart(_ entries: [ZipEntry], _ members: [ZipArchive.Member]) throws(DalleError) {
        var end = 0
        for (entry, member) in zip(entries, members).sorted(by: { $0.0.headerOffset < $1.0.headerOffset }) {
            guard entry.headerOffset >= end else {
                throw DalleError(.badData, "overlaps another member", item: entry.name, offset: entry.headerOffset)
            }
            end = member.range.upperBound
        }
    }
}

/// One entry of the central directory.
private struct ZipEntry {
    static let minimumByteCount = 46
    private static let signature: UInt32 = 0x0201_4B50

    let name: String
    let method: UInt16
    let checksum: UInt32
    /// Bytes of the content in the file and decompressed.
    let storedByteCount: Int
    let byteCount: Int
    let headerOffset: Int

    init(_ reader: inout ByteReader) throws(DalleError) {
        guard try reader.littleEndian(UInt32.self) == Self.signature else {
            throw DalleError(.badData, "no directory entry where one is expected")
        }
        try reader.skip(4)  // versions
        let flags = try reader.littleEndian(UInt16.self)
        method = try reader.littleEndian(UInt16.self)
        try reader.skip(4)  // time and date
        checksum = try reader.littleEndian(UInt32.self)
        let stored = try reader.littleEndian(UInt32.self), full = try reader.littleEndian(UInt32.self)
        let nameCount = Int(try reader.littleEndian(UInt16.self))
        let extraCount = Int(try reader.littleEndian(UInt16.self))
        let commentCount = Int(try reader.littleEndian(UInt16.self))
        try reader.skip(8)  // disk and attributes
        let header = try reader.littleEndian(UInt32.self)
        name = try reader.text(nameCount)
        var extra = Zip64Extra(try reader.read(extraCount))
        byteCount = try extra.size(full)
        storedByteCount = try extra.size(stored)
        headerOffset = try extra.size(header)
        try reader.skip(commentCount)

        try Self.requirePlain(name)
        guard flags & 1 == 0 else { throw DalleError(.badData, "is encrypted", item: name) }
        guard method != 0 || storedByteCount == byteCount else {
            throw DalleError(
                .badData, "is stored in \(storedByteCount) bytes and has \(byteCount)", item: name)
        }
    }

    /// Refuses names that would lead out of a directory or disturb a terminal: no checkpoint has them.
    private static func requirePlain(_ name: String) throws(DalleError) {
        let trust = "Get the file from a source that can be trusted"
        guard !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw DalleError(.badData, "a member's name is empty or has control characters", remedy: trust)
        }
        // By bytes: a combining mark makes another character of the stroke before it.
        let bytes = name.utf8
        guard bytes.first != UInt8(ascii: "/"), !bytes.contains(UInt8(ascii: "\\")),
            !bytes.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) })
        else {
            throw DalleError(.badData, "a member's name leads out of the archive", remedy: trust, item: name)
        }
    }

    /// Where the content lies, which is after the local header's own name and extra field.
    func contentRange(_ bytes: Span<UInt8>, before limit: Int) throws(DalleError) -> Range<Int> {
        var reader = ByteReader(bytes)
        try reader.seek(to: headerOffset)
        guard try reader.littleEndian(UInt32.self) == 0x0403_4B50 else {
            throw DalleError(.badData, "no member starts where the directory says")
        }
        try reader.skip(4)  // version and flags
        let localMethod = try reader.littleEndian(UInt16.self)
        try reader.skip(16)  // time, date, CRC-32 and sizes, which are 0 when a data descriptor follows
        let nameCount = Int(try reader.littleEndian(UInt16.self))
        let extraCount = Int(try reader.littleEndian(UInt16.self))
        let localName = try reader.text(nameCount)
        guard localName == name, localMethod == method else {
            throw DalleError(.badData, "the directory and the member's own header differ")
        }
        try reader.skip(extraCount)
        guard storedByteCount <= limit - reader.offset else {
            throw DalleError(
                .badData, "\(storedByteCount) bytes are declared and the directory starts at byte \(limit)",
                remedy: "The file is damaged or cut off: get it again")
        }
        return reader.offset..<(reader.offset + storedByteCount)
    }

    func member(_ range: Range<Int>) -> ZipArchive.Member {
        let kind: ZipArchive.Member.Method =
            switch method {
            case 0: .stored
            case 8: .deflated
            default: .other(method)
            }
        return ZipArchive.Member(name: name, method: kind, byteCount: byteCount, checksum: checksum, range: range)
    }
}

/// The extra field that holds, in 64 bits and in this order, those sizes that are all ones in 32.
private struct Zip64Extra: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy extra)
    init(_ extra: Span<UInt8>) {
        reader = ByteReader(extra.extracting(0..<0))
        // Other fields are none of ours, nor is what they are worth.
        var start = 0
        while extra.count - start >= 4 {
            let count = Int(extra[start + 2]) | Int(extra[start + 3]) << 8
            guard count <= extra.count - start - 4 else { return }
            if extra[start] == 1, extra[start + 1] == 0 {
                reader = ByteReader(extra.extracting(start + 4..<start + 4 + count))
            }
            start += 4 + count
        }
    }

    @_lifetime(self: copy self)
    mutating func size(_ value: UInt32) throws(DalleError) -> Int {
        guard value == .max else { return Int(value) }
        guard reader.remaining >= 8 else { throw DalleError(.badData, "a 64-bit size is missing") }
        return try reader.size()
    }
}
