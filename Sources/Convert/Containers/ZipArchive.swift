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
    private let hasChecksums: Bool

    private static let window = 64 << 20
    /// Weights hardly deflate: what says that it has more than so many times the archive is a trap for the disk.
    private static let credibleRatio = 64
    private static let credibleByteCount = 256 << 20

    /// Reads the directory and checks that every member lies inside the file, alone and under a name of its own.
    ///
    /// - Parameter checksumsMayBeOff: takes an archive whose checksums are all 0 for one that has none, as PyTorch
    ///   writes when told so.
    /// - Throws: `badData` when `file` is no such archive.
    public init(_ file: MappedFile, checksumsMayBeOff: Bool = false) throws(DalleError) {
        self.file = file
        do throws(DalleError) {
            members = try ZipDirectory.members(file.bytes)
        } catch {
            throw error.located(file: file.path)
        }
        numbers = Dictionary(uniqueKeysWithValues: zip(members.map(\.name), members.indices))
        hasChecksums = !checksumsMayBeOff || members.contains { $0.checksum != 0 }
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

    /// A member's content where it lies in the file, or decompressed elsewhere and checked.
    ///
    /// - Throws: `badData` when it is damaged, compressed by other means than deflate, or has more bytes than an archive
    ///   of this size can honestly have; `cannotWrite` when there is no room for them.
    func bytes(of member: Member) throws(DalleError) -> (file: MappedFile, range: Range<Int>) {
        if member.method == .stored { return (file, member.range) }
        try requireInflatable(member)
        let content = try MappedFile.made(from: file.path, count: member.byteCount) { output throws(DalleError) in
            let memory = try Memory<UInt8>(min(max(member.byteCount, 1), 1 << 20), for: "a member's content")
            defer { withExtendedLifetime(memory) {} }
            let buffer = memory.bytes
            var checksum: UInt32 = 0
            do throws(DalleError) {
                try file.withUnsafeBytes(member.range) { source throws(DalleError) in
                    try Zlib.inflate(source, count: member.byteCount, through: buffer) { part throws(DalleError) in
                        checksum = Zlib.crc32(part, after: checksum)
                        try output.append(part)
                        return buffer
                    }
                }
            } catch {
                throw error.located(file: file.path, item: member.name, offset: member.range.lowerBound)
            }
            file.release(member.range)
            try requireChecksum(checksum, of: member)
        }
        return (content, 0..<content.count)
    }

    /// Refuses a member whose content cannot be made, or should not be.
    func requireInflatable(_ member: Member) throws(DalleError) {
        if case .other(let number) = member.method {
            throw DalleError(
                .badData, "is compressed by method \(number)",
                remedy: "Unpack the archive and pack it again without compression (zip -0)",
                file: file.path, item: member.name)
        }
        try requirePossible(member)
        let (credible, overflow) = file.count.multipliedReportingOverflow(by: Self.credibleRatio)
        guard member.byteCount <= Self.credibleByteCount || overflow || member.byteCount <= credible else {
            throw DalleError(
                .badData,
                "declares \(member.byteCount) bytes in \(member.range.count), which no weights deflate to",
                remedy: "Get the file from a source that can be trusted", file: file.path, item: member.name)
        }
    }

    /// A copy of a member's content, decompressed and checked.
    ///
    /// - Parameter limit: the most bytes the content may have.
    /// - Throws: `badData` when it has more, or is damaged, or compressed by other means than deflate.
    public func content(of member: Member, atMost limit: Int) throws(DalleError) -> [UInt8] {
        try requirePossible(member, atMost: limit)
        guard member.byteCount > 0 else { return [] }
        try SystemMemory.require(member.byteCount, for: "a member's content")
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

    /// Deflate cannot do better than its ratio, so a directory that declares more is lying.
    private func requirePossible(_ member: Member, atMost limit: Int = .max) throws(DalleError) {
        let (possible, overflow) = member.range.count.multipliedReportingOverflow(by: Zlib.maximumRatio)
        let maximum = overflow ? limit : min(limit, possible)
        guard member.byteCount <= maximum else {
            throw DalleError(
                .badData,
                "declares \(member.byteCount) bytes in \(member.range.count), expected at most \(maximum)",
                file: file.path, item: member.name)
        }
    }

    private func requireChecksum(_ found: UInt32, of member: Member) throws(DalleError) {
        guard found == member.checksum || !hasChecksums else {
            throw DalleError(
                .badData,
                "the CRC-32 is \(String(found, radix: 16)) instead of \(String(member.checksum, radix: 16))",
                remedy: "The file is damaged: get it again",
                file: file.path, item: member.name, offset: member.range.lowerBound)
        }
    }
}
