public import DalleFormat

/// Prompts from a file, one in each line; empty lines are left out.
public enum PromptFile {
    /// - Throws: `missingInput` or `badData` when there are none to be read.
    public static func read(_ path: String) throws(DalleError) -> [String] {
        let file = try MappedFile(path)
        guard let text = file.withUnsafeBytes(0..<file.count, { String(validating: $0, as: UTF8.self) }) else {
            throw DalleError(.badData, "is not UTF-8 text", file: path)
        }
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard !lines.isEmpty else { throw DalleError(.badData, "holds no prompt", file: path) }
        return lines.map(String.init)
    }
}
