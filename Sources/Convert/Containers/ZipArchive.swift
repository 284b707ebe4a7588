public import DalleFormat

/// A zip archive in a mapped file: PyTorch's checkpoints and NumPy's `.npz` files.
///
/// Only the central directory is believed about sizes (PyTorch leaves them out of the local headers), and only the local
/// header about where the content starts (PyTorch pads there). Names are keys: nothing is ever written anywhere.
public struct ZipArchive: Sendable {
    public struct Member: Sendable, Equatable {
        public enum Method: Sendable, Equatable {
            case stored, deflated
            case other(UInt16)
        }

        public let name: String
        public let method: Method
        /// Bytes of the content.
        public let byteCount: Int
        /// CRC-32 of the content.
        public let checksum: UInt32
        /// Where the content lies in the file, compressed or not.
        let range: Range<Int>
    }

    public let file: MappedFile
    /// In the order of the directory.
    public let members: [Member]
    private let numbers: [String: Int]

    private static let window = 64 << 20

    /// Reads the directory and checks that every member lies inside the file, alone and under a name of its own.
    ///
    /// - Throws: `badData` when `file` is no such archive.
    public init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        do throws(DalleError) {
            members = try ZipDirectory.members(file.bytes)
        } catch {
            throw error.located(file: file.path)
        }
        numbers = Dictionary(uniqueKeysWithValues: zip(members.map(\.name), members.indices))
    }

    public subscript(name: String) -> Member? { numbers[name].map { members[$0] } }

    /// Where the content of a member lies in the file as it is.
    ///
    /// - Throws: `badData` when the member is compressed.
    public func storedRange(of member: Member) throws(DalleError) -> Range<Int> {
        guard member.method == .stored else {
            throw DalleError(
                .badData, "is compressed, where it should be stored as it is",
                remedy: "Unpack the archive and pack it again without compression (zip -0)",
                file: file.path, item: member.name)
        }
        return member.range
    }

    /// Compares a stored member's bytes with its CRC-32.
    public func verify(_ member: Member) throws(DalleError) {
        let range = try storedRange(of: member)
        var found: UInt32 = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.window) {
            let part = start..<min(start + Self.window, range.upperBound)
            found = file.withUnsafeBytes(part) { Zlib.crc32($0, after: found) }
            // Of a large member, only the part being worked on stays in memory.
            if range.count > Self.window { file.release(part) }
        }
        try requireChecksum(found, of: member)
    }

    /// A copy of a member's content, decompressed and checked.
    ///
    /// - Parameter limit: the most bytes the content may have.
    /// - Throws: `badData` when it has more, or is damaged, or compressed by other means than deflate.
    public func content(of member: Member, atMost limit: Int) throws(DalleError) -> [UInt8] {
        // Deflate cannot do better than its ratio, so a directory that declares more is lying.
        let (possible, overflow) = member.range.count.multipliedReportingOverflow(by: Zlib.maximumRatio)
        guard member.byteCount <= limit, overflow || member.byteCount <= possible else {
            throw DalleError(
                .badData,
                "declares \(member.byteCount) bytes in \(member.range.count), expected at most \(limit)",
                file: file.path, item: member.name)
        }
        guard member.byteCount > 0 else { return [] }
        var content = [UInt8](repeating: 0, count: member.byteCount)
        do throws(DalleError) {
            var target = content.mutableSpan
            try target.withUnsafeMutableBytes { target throws(DalleError) in
                try file.withUnsafeBytes(member.range) { source throws(DalleError) in
                    switch member.method {
                    case .stored: target.copyMemory(from: source)
                    case .deflated: try Zlib.inflate(source, into: target)
                    case .other(let number): throw DalleError(.badData, "is compressed by method \(number)")
                    }
                }
            }
        } catch {
            throw error.located(file: file.path, item: member.name, offset: member.range.lowerBound)
        }
        try requireChecksum(content.span.bytes.withUnsafeBytes { Zlib.crc32($0) }, of: member)
        return content
    }

    private func requireChecksum(_ found: UInt32, of member: Member) throws(DalleError) {
        guard found == member.checksum else {
            throw DalleError(
                .badData,
                "the CRC-32 is \(String(found, radix: 16)) instead of \(String(member.checksum, radix: 16))",
                remedy: "The file is damaged: get it again",
                file: file.path, item: member.name, offset: member.range.lowerBound)
        }
    }
}
