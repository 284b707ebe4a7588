public import DalleFormat
public import DalleModels

/// Reads the tokenizer that lies beside a checkpoint, as Hugging Face's libraries save it.
public enum TokenizerImport {
    /// The tokenizer whose files lie in a directory; nil when there are none.
    ///
    /// `tokenizer.json` is taken when it is there, else `vocab.json` with `merges.txt`. A setting that is not
    /// understood and would make other ids of the same text is refused.
    ///
    /// - Throws: `badData` naming file and key, `missingInput` when there is a vocabulary without merges.
    public static func read(directory: String) throws(DalleError) -> TokenizerTables? {
        try read(directory: directory, VocabularyFiles.Names())
    }

    static func read(
        directory: String, _ names: VocabularyFiles.Names
    ) throws(DalleError) -> TokenizerTables? {
        let path = directory + "/tokenizer.json"
        if PathKind(path) == .file {
            let file = try JSONFile.decode(TokenizerFile.self, path)
            let settings = try SpecialTokens(directory: directory)
            let parts = try file.parts(path, padToken: settings.text(.padding))
            try settings.requireAgreement(with: parts)
            return try TokenizerTables(parts)
        }
        guard PathKind("\(directory)/\(names.vocabulary)") == .file else { return nil }
        let settings = try SpecialTokens(directory: directory)
        try settings.requireBartKind()
        return try TokenizerTables(try VocabularyFiles.parts(directory: directory, names, settings))
    }
}
