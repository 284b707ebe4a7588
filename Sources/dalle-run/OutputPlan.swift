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
        requests = texts.enumerated().flatMap { number, text in
            seeds.map { ImageGenerator.Request(prompt: text, seed: $0, group: number) }
        }
        kept = keep ?? count
        total = texts.count * kept
        self.columns = columns
        self.replacing = replacing
        if columns != nil {
            paths = [output ?? "\(Self.slug(texts[0]))-\(seed).png"]
            return
        }
        // Prompts that give the same name are told apart by their number.
        let slugs = texts.map(Self.slug)
        let isNumbered = texts.count > 1 && (output != nil || Set(slugs).count < slugs.count)
        // Which seeds are the best is not known before.
        let marks = keep.map { $0 == 1 ? [] : (1...$0).map(String.init) } ?? seeds.map(String.init)
        paths = slugs.enumerated().flatMap { number, slug in
            (0..<(keep ?? count)).map { image in
                let mark = marks.isEmpty ? [] : [marks[image]]
                let order = isNumbered ? ["\(number + 1)"] : []
                guard let output else { return ([slug] + order + mark).joined(separator: "-") + ".png" }
                return Self.marked(output, order + ((keep ?? count) > 1 ? mark : []))
            }
        }
    }

    /// Refuses before the work what could not be written after it.
    func check(also other: String?) throws(DalleError) {
        var claims = OutputClaims(replacing: replacing)
        for path in paths + (other.map { [$0] } ?? []) { try claims.add(path) }
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
        let latin = text.applyingTransform(StringTransform("Any-Latin; Latin-ASCII; Lower"), reverse: false) ?? text
        let words = latin.unicodeScalars.split { !CharacterSet.alphanumerics.contains($0) || !$0.isASCII }
        let slug = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "-").prefix(48)
        return slug.isEmpty ? "image" : String(slug)
    }
}
