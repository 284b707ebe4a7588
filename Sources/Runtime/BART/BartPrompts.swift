public import DalleFormat
public import DalleModels
public import DalleText

extension PromptTokenizer {
    /// For a text-to-codes model.
    public init(_ file: ModelFile, _ configuration: BartConfiguration) throws(DalleError) {
        try self.init(
            file, vocabulary: configuration.textVocabulary, length: configuration.textLength,
            normalizes: configuration.normalizesText)
    }
}
