import DalleFormat
import Foundation
import TestSupport

@testable import DalleConvert

/// Writes zip archives with every field open to be wrong.
struct ZipBuilder {
    struct Member {
        var name: String
        var content: [UInt8]
        var method: UInt16 = 0
        /// As stored; the content itself when nil.
        var stored: [UInt8]?
        var flags: UInt16 = 0
        var localName: String?
        /// PyTorch aligns the content by a local extra field.
        var localExtra = 0
        /// Sizes and offset go into a 64-bit extra field.
        var isWide = false
        var wideFieldKind: UInt16 = 1
        var declaredByteCount: Int?
        var checksum: UInt32?
        var headerOffset: Int?

        init(_ name: String, _ content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    var members: [Member] = []
    var comment = ""
    var hasWideEnd = false
    var declaredEntryCount: Int?
    var directoryOffset: Int?
    /// With 64-bit end records: what the ordinary one says, and the members of this part of the archive.
    var narrowOffset = UInt32.max
    var entryCountHere: Int?

    var bytes: [UInt8] {
        var out: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let start = member.headerOffset ?? out.count
            let stored = member.stored ?? member.content
            let localName = member.localName ?? member.name
            let checksum = member.checksum ?? member.content.span.bytes.withUnsafeBytes { Zlib.crc32($0) }
            let count = member.declaredByteCount ?? member.content.count
            out +=
                u32(0x0403_4B50) + u16(0) + u16(member.flags) + u16(member.method) + u32(0) + u32(0) + u32(0) + u32(0)
            out += u16(localName.utf8.count) + u16(member.localExtra) + Array(localName.utf8)
            out += [UInt8](repeating: 0x5A, count: member.localExtra) + stored

            directory += u32(0x0201_4B50) + u16(0) + u16(0) + u16(member.flags) + u16(member.method) + u32(0)
            directory += u32(checksum)
            directory += member.isWide ? u32(.max) + u32(.max) : u32(UInt32(stored.count)) + u32(UInt32(count))
            directory += u16(member.name.utf8.count) + u16(member.isWide ? 28 : 0) + u16(0) + u16(0) + u16(0) + u32(0)
            directory += u32(member.isWide ? .max : UInt32(start)) + Array(member.name.utf8)
            if member.isWide {
                directory += u16(member.wideFieldKind) + u16(24) + u64(count) + u64(stored.count) + u64(start)
            }
        }
        let offset = directoryOffset ?? out.count
        let entryCount = declaredEntryCount ?? members.count
        out += directory
        if hasWideEnd {
            let start = out.count
            out += u32(0x0606_4B50) + u64(44) + u16(0) + u16(0) + u32(0) + u32(0) + u64(entryCountHere ?? entryCount)
            out += u64(entryCount)
            out += u64(directory.count) + u64(offset)
            out += u32(0x0706_4B50) + u32(0) + u64(start) + u32(1)
            out += u32(0x0605_4B50) + u16(0) + u16(0) + u16(0xFFFF) + u16(0xFFFF) + u32(.max)
            out += u32(narrowOffset)
        } else {
            out += u32(0x0605_4B50) + u16(0) + u16(0) + u16(entryCount) + u16(entryCount)
            out += u32(UInt32(directory.count)) + u32(UInt32(offset))
        }
        return out + u16(comment.utf8.count) + Array(comment.utf8)
    }

    /// Opens the archive from a file that is gone afterwards, which its mapping survives.
    func open() throws -> ZipArchive {
        let directory = try TemporaryDirectory()
        try Data(bytes).write(to: directory.url.appending(path: "a.zip"))
        return try ZipArchive(try MappedFile(directory.path("a.zip")))
    }

    private func u16(_ value: Int) -> [UInt8] { u16(UInt16(value)) }
    private func u16(_ value: UInt16) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    private func u32(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    private func u64(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(value).littleEndian) { Array($0) } }
}
