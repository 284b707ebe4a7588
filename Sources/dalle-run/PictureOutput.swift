import CommandSupport
import DalleFormat
import DalleModels
import DalleRuntime

/// Where a picture goes: a file, or standard output.
enum PictureOutput {
    /// - Returns: Whether all of it is there. Standard output that does not take it ends the command with an error.
    /// - Throws: `cannotWrite` when the file exists and may not be replaced, or cannot be written.
    static func write(
        _ image: Image, to path: String, texts: [(keyword: String, text: String)] = [], replacing: Bool
    ) throws(DalleError) -> Bool {
        guard path == OutputPath.standardOutput else {
            try PNGFile.write(image, to: path, texts: texts, replacing: replacing)
            return true
        }
        return Console.result(bytes: try PNGFile.encode(image, texts: texts))
    }

    /// What people read.
    static func name(_ path: String) -> String {
        path == OutputPath.standardOutput ? "standard output" : PlainText.line(path)
    }
}
