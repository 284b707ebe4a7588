import DalleFormat
import DalleRuntime
import Foundation

/// Which images are drawn and which files they go to.
struct OutputPlan {
    /// All images, prompt by prompt.
    let requests: [ImageGenerator.Request]
    /// Images of a prompt.
    let count: Int
    /// Columns of the one picture that holds a prompt's images; nil when each has its own file.
    let columns: Int?
    /// The file of each image, or with columns of each prompt.
    let paths: [String]
    let replacing: Bool

    init(texts: [String], output: String?, seed: UInt32, count: Int, columns: Int?, replacing: Bool) {
        self.count = count
        self.columns = columns
        self.replacing = replacing
        requests = texts.flatMap { text in
            (0..<count).map { ImageGenerator.Request(prompt: text, seed: seed &+ UInt32(truncatingIfNeeded: $0)) }
        }
        var paths: [String] = []
        for (number, text) in texts.enumerated() {
            for image in 0..<(columns == nil ? count : 1) {
                let imageSeed = seed &+ UInt32(truncatingIfNeeded: image)
                guard let output else {
                    paths.append("\(Self.slug(text, number))-\(imageSeed).png")
                    continue
                }
                var marks: [String] = []
                if texts.count > 1 { marks.append("\(number + 1)") }
                if columns == nil, count > 1 { marks.append("\(imageSeed)") }
                paths.append(Self.marked(output, marks))
            }
        }
        self.paths = paths
    }

    /// Refuses before the work what could not be written after it.
    func requireFree(also other: String?) throws(DalleError) {
        for path in paths + (other.map { [$0] } ?? []) {
            if !replacing, PathKind(path) != .nothing {
                throw DalleError(
                    .cannotWrite, "exists already", remedy: "Give --force to replace it, or another name with -o",
                    file: path)
            }
            let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
            guard PathKind(directory) == .directory else {
                throw DalleError(
                    .cannotWrite, "there is no directory \(directory)", remedy: "Make it first", file: path)
            }
        }
    }

    /// `name.png` with marks: `name-2-7.png`.
    private static func marked(_ path: String, _ marks: [String]) -> String {
        guard !marks.isEmpty else { return path }
        let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let dot = path[name...].lastIndex(of: ".") ?? path.endIndex
        return path[..<dot] + "-" + marks.joined(separator: "-") + (dot == path.endIndex ? ".png" : path[dot...])
    }

    /// A prompt as a file name.
    private static func slug(_ text: String, _ number: Int) -> String {
        let words = text.lowercased().unicodeScalars.split { !CharacterSet.alphanumerics.contains($0) || !$0.isASCII }
        let slug = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "-").prefix(48)
        return slug.isEmpty ? "image-\(number + 1)" : String(slug)
    }
}

/// Prompts from a file, one in each line; empty lines are left out.
enum PromptFile {
    static func read(_ path: String) throws(DalleError) -> [String] {
        let file = try MappedFile(path)
        guard let text = file.withUnsafeBytes(0..<file.count, { String(validating: $0, as: UTF8.self) }) else {
            throw DalleError(.badData, "is not UTF-8 text", file: path)
        }
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard !lines.isEmpty else { throw DalleError(.badData, "holds no prompt", file: path) }
        return lines.map(String.init)
    }
}
