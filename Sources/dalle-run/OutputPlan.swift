import DalleFormat
import DalleRuntime
import Foundation

/// Which images are drawn and which files they go to.
struct OutputPlan {
    /// All images to draw, prompt by prompt.
    let requests: [ImageGenerator.Request]
    /// Images of a prompt that are written.
    let kept: Int
    /// Images written in all.
    let total: Int
    /// Columns of the one picture that holds all images; nil when each has its own file.
    let columns: Int?
    /// The file of each image that is written, or the one of all.
    let paths: [String]
    let replacing: Bool

    /// - Parameters:
    ///   - output: The file; of several, the name that the prompt's number and the seed (or the rank) are added to.
    ///   - count: Images of each prompt.
    ///   - keep: How many of them are written; nil writes all.
    init(
        texts: [String], output: String?, seed: UInt32, count: Int, keep: Int?, columns: Int?, replacing: Bool
    ) {
        let seeds = (0..<count).map { seed &+ UInt32(truncatingIfNeeded: $0) }
        requests = texts.flatMap { text in seeds.map { ImageGenerator.Request(prompt: text, seed: $0) } }
        kept = keep ?? count
        total = texts.count * kept
        self.columns = columns
        self.replacing = replacing
        if columns != nil {
            paths = [output ?? "\(Self.slug(texts[0]))-\(seed).png"]
            return
        }
        // Which seeds are the best is not known before.
        let marks = keep.map { $0 == 1 ? [] : (1...$0).map(String.init) } ?? seeds.map(String.init)
        paths = texts.enumerated().flatMap { number, text in
            (0..<(keep ?? count)).map { image in
                let mark = marks.isEmpty ? [] : [marks[image]]
                guard let output else { return ([Self.slug(text)] + mark).joined(separator: "-") + ".png" }
                return Self.marked(
                    output, (texts.count > 1 ? ["\(number + 1)"] : []) + ((keep ?? count) > 1 ? mark : []))
            }
        }
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
    private static func slug(_ text: String) -> String {
        let words = text.lowercased().unicodeScalars.split { !CharacterSet.alphanumerics.contains($0) || !$0.isASCII }
        let slug = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "-").prefix(48)
        return slug.isEmpty ? "image" : String(slug)
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
