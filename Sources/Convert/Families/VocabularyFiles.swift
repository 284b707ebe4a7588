import DalleFormat

/// A tokenizer in the files `vocab.json` and `merges.txt`.
enum VocabularyFiles {
    static func parts(directory: String, _ specials: SpecialTokens) throws(DalleError) -> TokenizerParts {
        let path = directory + "/vocab.json"
        let vocabulary = try JSONFile.decode([String: Int].self, path)
        let merges = directory + "/merges.txt"
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
        var reader = ByteReader(file.bytes)
        let text: String
        do throws(DalleError) {
            text = try reader.text(file.count)
        } catch {
            throw error.located(file: path)
        }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.last == "\r" ? $0.dropLast() : $0
        }
        // A merge may start with # too, so only the first line can be the header.
        if let first = lines.first, String(first).hasPrefix("#version") { lines.removeFirst() }
        if let last = lines.last, last.isEmpty { lines.removeLast() }
        return lines.map { parts(String($0)) }
    }

    /// What stands between a line's spaces.
    static func parts(_ line: String) -> [String] {
        // By scalars: a combining mark must not hide the space before it.
        line.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
    }
}
