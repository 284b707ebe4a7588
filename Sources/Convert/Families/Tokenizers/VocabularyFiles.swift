import DalleFormat

/// A tokenizer in the files `vocab.json` and `merges.txt`.
enum VocabularyFiles {
    struct Names {
        var vocabulary = "vocab.json"
        var merges = "merges.txt"
    }

    static func parts(
        directory: String, _ names: Names, _ specials: SpecialTokens
    ) throws(DalleError) -> TokenizerParts {
        let path = "\(directory)/\(names.vocabulary)"
        let vocabulary = try JSONFile.decode([String: Int].self, path)
        let merges = "\(directory)/\(names.merges)"
        return TokenizerParts(
            vocabulary: vocabulary, vocabularyPlace: TokenizerParts.Place(file: path),
            merges: try MergesFile.read(merges), mergesPlace: TokenizerParts.Place(file: merges),
            specials: try specials.list(in: vocabulary), beginToken: specials.text(.classifier),
            endToken: specials.text(.separator), padToken: specials.text(.padding))
    }
}

/// A `merges.txt`: one merge a line, its two parts separated by a space.
enum MergesFile {
    static func read(_ path: String) throws(DalleError) -> [[String]] {
        let file = try MappedFile(path)
        let text: String
        do throws(DalleError) {
            text = try Self.text(file)
            guard text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) <= maximumLines else {
                throw DalleError(.badData, "has more than \(maximumLines) lines")
            }
        } catch {
            throw error.located(file: path)
        }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        // A merge may start with # too, so only the first line can be the header.
        if let first = lines.first, String(first).hasPrefix("#version") { lines.removeFirst() }
        if let last = lines.last, last.isEmpty { lines.removeLast() }
        return lines.map { parts(String($0)) }
    }

    /// The file's text, which may be compressed with gzip.
    private static func text(_ file: MappedFile) throws(DalleError) -> String {
        guard Zlib.isGzip(file.bytes) else { return try TextFile.read(file.path, atMost: maximumTextLength) }
        return try TextFile.text(of: try Zlib.gunzip(file.bytes, atMost: maximumTextLength))
    }

    /// OpenAI's list has 3 MB and 262,000 lines; bound what a small file can swell to.
    private static let maximumTextLength = 16 << 20
    private static let maximumLines = 1 << 20

    /// What stands between a line's spaces, of which there should be one; what follows the second is left whole.
    static func parts(_ line: String) -> [String] {
        // By scalars: a combining mark must not hide the space before it.
        line.unicodeScalars.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map { String($0) }
    }
}
