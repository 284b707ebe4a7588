public import DalleFormat

/// Prompts from a text, which may be a file, a pipe, or standard input, called `-`.
public enum PromptFile {
    /// A hundred thousand long prompts.
    private static let maximumByteCount = 64 << 20

    /// One in each line; empty lines are left out.
    ///
    /// - Throws: `missingInput` or `badData` when there are none to be read.
    public static func read(_ path: String) throws(DalleError) -> [String] {
        let text = try TextFile.stream(path, atMost: maximumByteCount)
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard !lines.isEmpty else {
            throw DalleError(
                .badData, "holds no prompt", file: path == TextFile.standardInput ? "standard input" : path)
        }
        return lines.map(String.init)
    }

    /// One of all lines.
    public static func readOne(_ path: String) throws(DalleError) -> String {
        try read(path).joined(separator: " ")
    }
}
