public import DalleFormat

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Reads a list of words and how often they occur, such as `enwiki-words-frequency.txt`.
public enum WordFrequencyImport {
    /// No word of a language comes near; a longer one shows a file of another kind.
    private static let maximumWordLength = 4096
    /// Ten times the list of all words of the English Wikipedia.
    private static let maximumByteCount = 256 << 20

    /// The words in the file's order, which is taken as the order of frequency.
    ///
    /// Of each line the first field counts. A word that occurs twice is kept twice: its later rank is the one in use.
    ///
    /// - Throws: `badData` with the offset for a line without a word, `missingInput` when there is no such file.
    public static func read(_ path: String) throws(DalleError) -> BytesSource {
        let list = Array(try TextFile.read(path, atMost: maximumByteCount).utf8)
        var words: [UInt8] = []
        words.reserveCapacity(list.count)
        try list.span.bytes.withUnsafeBytes { text throws(DalleError) in
            var start = 0
            while start < text.count {
                let word = field(text, start)
                guard !word.isEmpty, word.count <= maximumWordLength else {
                    throw DalleError(
                        .badData, "a line without a word; expected a word and its count on each line",
                        remedy: "Give a file like enwiki-words-frequency.txt", file: path, offset: start)
                }
                if !words.isEmpty { words.append(UInt8(ascii: "\n")) }
                words.append(contentsOf: text[word])
                start = lineEnd(text, word.upperBound) + 1
            }
        }
        guard !words.isEmpty else {
            throw DalleError(
                .badData, "has no words", remedy: "Give a file like enwiki-words-frequency.txt", file: path)
        }
        return try BytesSource(words)
    }

    /// The range of the first field of the line that starts at `start`.
    private static func field(_ text: UnsafeRawBufferPointer, _ start: Int) -> Range<Int> {
        var first = start
        while first < text.count, text[first] == UInt8(ascii: " ") || text[first] == UInt8(ascii: "\t") { first += 1 }
        var end = first
        while end < text.count, text[end] > UInt8(ascii: " ") { end += 1 }
        return first..<end
    }

    private static func lineEnd(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        guard let base = text.baseAddress,
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), text.count - start)
        else { return text.count }
        return UnsafeRawPointer(found) - base
    }
}
