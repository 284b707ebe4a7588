#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Small texts in UTF-8, or in UTF-16 or UTF-32 with their byte order mark.
///
/// The mark is removed, and line ends become `\n`, as where Python reads a text.
public enum TextFile {
    /// Stands for standard input where `stream` is given a path.
    public static let standardInput = "-"

    /// The text of a file; a pipe is refused, which could not be read again for its digest.
    ///
    /// - Parameter limit: Longer files are refused.
    /// - Throws: `missingInput` when it cannot be read; `badData`, with the line, when it is no text, or one of more than
    ///   `String.maximumMarks` marks in a row.
    public static func read(_ path: String, atMost limit: Int) throws(DalleError) -> String {
        let file = try MappedFile(path)
        do throws(DalleError) {
            guard file.count <= limit else {
                throw DalleError(.badData, "has \(file.count) bytes of text, expected at most \(limit)")
            }
            return try text(of: Array(file.bytes))
        } catch {
            throw error.located(file: path)
        }
    }

    /// The text of a file, of a pipe, whose other end is waited for, or of standard input.
    ///
    /// - Throws: As `read`.
    public static func stream(_ path: String, atMost limit: Int) throws(DalleError) -> String {
        do throws(DalleError) {
            return try text(of: try Descriptor.streaming(path).readAll(atMost: limit))
        } catch {
            throw error.located(file: path == standardInput ? "standard input" : path)
        }
    }

    /// The text that bytes are.
    public static func text(of bytes: [UInt8]) throws(DalleError) -> String {
        let text: String
        let mark = marks.first { mark, encoding in
            bytes.starts(with: mark) && (bytes.count - mark.count) % encoding.unitByteCount == 0
        }
        let content = bytes.dropFirst(mark?.bytes.count ?? 0)
        switch mark?.encoding ?? .utf8 {
        case .utf8: text = try decoded(content, UTF8.self, "UTF-8", bytes)
        case .utf16(let isBig): text = try decoded(units(content, UInt16.self, isBig), UTF16.self, "UTF-16", bytes)
        case .utf32(let isBig): text = try decoded(units(content, UInt32.self, isBig), UTF32.self, "UTF-32", bytes)
        }
        guard text.hasBoundedMarks else {
            throw DalleError(.badData, "has a text of more than \(String.maximumMarks) marks in a row")
        }
        return text.unixLineEnds
    }

    private enum Encoding {
        case utf8
        case utf16(isBig: Bool)
        case utf32(isBig: Bool)

        var unitByteCount: Int {
            switch self {
            case .utf8: 1
            case .utf16: 2
            case .utf32: 4
            }
        }
    }

    /// The longer ones first: two begin alike.
    private static let marks: [(bytes: [UInt8], encoding: Encoding)] = [
        ([0xFF, 0xFE, 0, 0], .utf32(isBig: false)), ([0, 0, 0xFE, 0xFF], .utf32(isBig: true)),
        ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE], .utf16(isBig: false)), ([0xFE, 0xFF], .utf16(isBig: true)),
    ]

    private static func units<Unit: FixedWidthInteger & UnsignedInteger>(
        _ bytes: ArraySlice<UInt8>, _: Unit.Type, _ isBig: Bool
    ) -> [Unit] {
        let width = Unit.bitWidth / 8
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
            let unit = bytes[start..<start + width]
            return (isBig ? Array(unit) : unit.reversed()).reduce(0) { $0 << 8 | Unit($1) }
        }
    }

    /// - Throws: `badData` with the first line that is none of the encoding's.
    private static func decoded<Codec: UnicodeCodec>(
        _ units: some Collection<Codec.CodeUnit>, _: Codec.Type, _ name: String, _ file: [UInt8]
    ) throws(DalleError) -> String {
        // A text has no NUL; in one of UTF-16 without its mark every other byte is.
        if let text = String(validating: units, as: Codec.self), !units.contains(0) { return text }
        if let kind = FileSignature.recognize(file.span) { throw DalleError(.badData, "is no text: \(kind)") }
        var (codec, iterator, line) = (Codec(), units.makeIterator(), 1)
        var previous: Unicode.Scalar = " "
        while case .scalarValue(let scalar) = codec.decode(&iterator), scalar != "\0" {
            if scalar == "\r" || (scalar == "\n" && previous != "\r") { line += 1 }
            previous = scalar
        }
        throw DalleError(.badData, "line \(line) is not \(name) text", remedy: "Save it as UTF-8")
    }
}

extension String {
    fileprivate var unixLineEnds: String {
        guard utf8.contains(UInt8(ascii: "\r")) else { return self }
        var (text, previous) = ("", Unicode.Scalar(0))
        text.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            defer { previous = scalar }
            if scalar == "\n", previous == "\r" { continue }
            text.unicodeScalars.append(scalar == "\r" ? "\n" : scalar)
        }
        return text
    }
}

extension Descriptor {
    /// Opens what is read once from front to back: also a pipe, whose other end is waited for.
    ///
    /// - Throws: `missingInput` when it cannot be opened.
    static func streaming(_ path: String) throws(DalleError) -> Descriptor {
        let number = path == TextFile.standardInput ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw DalleError(.missingInput, "cannot be opened: \(systemMessage())") }
        if path != TextFile.standardInput { FilesRead.add(path) }
        return Descriptor(number)
    }

    /// - Throws: `badData` when there are more than `limit` bytes, `missingInput` when they cannot be read.
    func readAll(atMost limit: Int) throws(DalleError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(number, &piece, piece.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw DalleError(.missingInput, "cannot be read: \(systemMessage())")
            }
            guard bytes.count + count <= limit else {
                throw DalleError(.badData, "has more than \(limit) bytes, where a text of fewer is expected")
            }
            bytes += piece[..<count]
        }
    }
}
