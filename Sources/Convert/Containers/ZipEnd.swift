import DalleFormat

/// The record that ends a zip archive, with its 64-bit twin where there is one.
struct ZipEnd {
    /// Where the central directory lies.
    let directory: Range<Int>
    /// Members it lists.
    let entryCount: Int

    private static let byteCount = 22
    private static let locatorByteCount = 20

    /// - Parameter bytes: the whole file.
    init(_ bytes: Span<UInt8>) throws(DalleError) {
        let end = try ZipEnd.find(bytes)
        var reader = ByteReader(bytes)
        try reader.seek(to: end + 4)
        let disks = (try reader.littleEndian(UInt16.self), try reader.littleEndian(UInt16.self))
        let count = (try reader.littleEndian(UInt16.self), try reader.littleEndian(UInt16.self))
        let size = try reader.littleEndian(UInt32.self), offset = try reader.littleEndian(UInt32.self)
        guard disks == (0, 0), count.0 == count.1 else {
            throw DalleError(.badData, "the archive is one part of several", offset: end)
        }
        guard let wide = try Wide(bytes, before: end) else {
            entryCount = Int(count.0)
            directory = try ZipEnd.range(Int(offset), Int(size), before: end)
            return
        }
        // The 32-bit fields are all ones, or say the same.
        guard [Int(UInt16.max), wide.entryCount].contains(Int(count.0)),
            [Int(UInt32.max), wide.byteCount].contains(Int(size)),
            [Int(UInt32.max), wide.offset].contains(Int(offset))
        else {
            throw DalleError(.badData, "the two end records of the archive differ", offset: end)
        }
        entryCount = wide.entryCount
        directory = try ZipEnd.range(wide.offset, wide.byteCount, before: wide.start)
    }

    /// The last place where the record and its comment fill the rest of the file.
    private static func find(_ bytes: Span<UInt8>) throws(DalleError) -> Int {
        let maximumByteCount = byteCount + Int(UInt16.max)
        var start = bytes.count - byteCount
        while start >= max(bytes.count - maximumByteCount, 0) {
            var reader = ByteReader(bytes)
            try reader.seek(to: start)
            if try reader.littleEndian(UInt32.self) == 0x0605_4B50 {
                try reader.skip(byteCount - 6)
                if Int(try reader.littleEndian(UInt16.self)) == reader.remaining { return start }
            }
            start -= 1
        }
        throw DalleError(
            .badData, "the end of the zip archive is missing",
            remedy: "The file is cut off: get it again")
    }

    private static func range(_ start: Int, _ count: Int, before limit: Int) throws(DalleError) -> Range<Int> {
        guard start <= limit, count <= limit - start else {
            throw DalleError(
                .badData, "the archive's directory is declared as \(count) bytes from byte \(start)",
                remedy: "The file is damaged: get it again", offset: limit)
        }
        return start..<(start + count)
    }
}

extension ZipEnd {
    /// The 64-bit record, found through a locator right before the ordinary one.
    private struct Wide {
        let start: Int
        let entryCount: Int
        let byteCount: Int
        let offset: Int

        init?(_ bytes: Span<UInt8>, before end: Int) throws(DalleError) {
            guard end >= locatorByteCount else { return nil }
            var reader = ByteReader(bytes)
            try reader.seek(to: end - locatorByteCount)
            guard try reader.littleEndian(UInt32.self) == 0x0706_4B50 else { return nil }
            try reader.skip(4)  // disk
            start = try reader.size()
            guard start <= end - locatorByteCount else {
                throw DalleError(.badData, "the 64-bit end record is declared at byte \(start)", offset: end)
            }
            try reader.seek(to: start)
            guard try reader.littleEndian(UInt32.self) == 0x0606_4B50 else {
                throw DalleError(.badData, "no 64-bit end record where its locator says", offset: start)
            }
            try reader.skip(20)  // its size, versions and disks
            let here = try reader.size()
            entryCount = try reader.size()
            byteCount = try reader.size()
            offset = try reader.size()
            guard here == entryCount else {
                throw DalleError(.badData, "the archive is one part of several", offset: start)
            }
        }
    }
}
