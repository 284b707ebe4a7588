public import DalleFormat

/// Reads the tokenizer that lies beside a checkpoint, as Hugging Face's libraries save it.
public enum TokenizerImport {
    /// The tokenizer whose files lie in a directory; nil when there are none.
    ///
    /// `tokenizer.json` is taken when it is there, else `vocab.json` with `merges.txt`. A setting that is not
    /// understood and would make other ids of the same text is refused.
    ///
    /// - Throws: `badData` naming file and key, `missingInput` when there is a vocabulary without merges.
    public static func read(directory: String) throws(DalleError) -> TokenizerTables? {
        let path = directory + "/tokenizer.json"
        if PathKind(path) == .file {
            let file = try JSONFile.decode(TokenizerFile.self, path)
            let settings = try SpecialTokens(directory: directory)
            return try TokenizerTables(try file.parts(path, padToken: settings.text(.padding)))
        }
        guard PathKind(directory + "/vocab.json") == .file else { return nil }
        return try TokenizerTables(
            try VocabularyFiles.parts(directory: directory, try SpecialTokens(directory: directory)))
    }
}
