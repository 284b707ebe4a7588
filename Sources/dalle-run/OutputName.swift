import CommandSupport
import DalleFormat
import Foundation

/// How pictures are called: `NAME-SEED.png`, and `NAME-N-SEED.png` where prompts must be told apart, the N-th of them.
///
/// What is given with `-o` is NAME, or a directory for names of their prompts, or a template with `{n}`, `{n:3}`, `{seed}`
/// and `{prompt}`, or `-` for standard output.
struct OutputName {
    private enum Form {
        /// A name for all, without its ending, and the ending.
        case name(String, ending: String)
        /// Each by its prompt, in a directory, or here if that is empty.
        case prompts(directory: String)
        case template([Field])
        case standardOutput
    }

    private enum Field {
        case text(String)
        case prompt
        case seed
        /// The prompt's number, with zeros before it to so many digits.
        case number(digits: Int)
    }

    private let form: Form
    /// Directories that the names lie in are made if they are not there.
    let makesDirectories: Bool

    /// - Parameter text: The argument of `-o`; nil for names of their prompts.
    /// - Throws: `usage` when it holds a field that there is not.
    init(_ text: String?) throws(DalleError) {
        guard let text else {
            (form, makesDirectories) = (.prompts(directory: ""), false)
            return
        }
        if text == OutputPath.standardOutput {
            (form, makesDirectories) = (.standardOutput, false)
            return
        }
        if text.hasSuffix("/") || PathKind(text) == .directory {
            (form, makesDirectories) = (.prompts(directory: text.hasSuffix("/") ? text : text + "/"), true)
            return
        }
        if let fields = try Self.fields(text) {
            (form, makesDirectories) = (.template(fields), true)
            return
        }
        // A file that is there is meant itself, to be replaced or refused.
        let isPNG = text.lowercased().hasSuffix(".png")
        let ending = isPNG ? String(text.suffix(4)) : PathKind(text) == .nothing ? ".png" : ""
        form = .name(isPNG ? String(text.dropLast(4)) : text, ending: ending)
        makesDirectories = false
    }

    /// The names of pictures of several prompts, each with several seeds.
    ///
    /// - Parameter written: Pictures of a prompt that will be written: a name that is given needs no seed for one.
    func paths(_ prompts: [String], seeds: [UInt32], written: Int) -> [[String]] {
        switch form {
        case .name(let name, let ending):
            return prompts.indices.map { prompt in
                seeds.map { seed in
                    let marks = (prompts.count > 1 ? ["\(prompt + 1)"] : []) + (written > 1 ? ["\(seed)"] : [])
                    return ([name] + marks).joined(separator: "-") + ending
                }
            }
        case .prompts(let directory):
            let slugs = prompts.map(Self.slug)
            let same = Dictionary(grouping: slugs.indices) { slugs[$0] }
            func names(numbered: (Int) -> Bool) -> [[String]] {
                slugs.indices.map { prompt in
                    let name = directory + slugs[prompt] + (numbered(prompt) ? "-\(prompt + 1)" : "")
                    return seeds.map { "\(name)-\($0).png" }
                }
            }
            // Only those that need it, so that names do not depend on the other prompts of a file.
            let few = names { (same[slugs[$0]]?.count ?? 0) > 1 }
            let all = few.flatMap { $0 }
            return Set(all).count == all.count ? few : names { _ in true }
        case .template(let fields):
            return prompts.enumerated().map { number, prompt in
                let slug = Self.slug(prompt)
                return seeds.map { seed in
                    let name = fields.map { Self.text($0, number + 1, seed, slug) }.joined()
                    return name.lowercased().hasSuffix(".png") ? name : name + ".png"
                }
            }
        case .standardOutput:
            return prompts.map { _ in seeds.map { _ in OutputPath.standardOutput } }
        }
    }

    /// The name of one picture that holds all.
    func path(ofAll prompts: [String], seed: UInt32) -> String {
        switch form {
        case .name(let name, let ending): name + ending
        case .standardOutput: OutputPath.standardOutput
        case .prompts, .template: paths([prompts.first ?? ""], seeds: [seed], written: 1)[0][0]
        }
    }

    private static func text(_ field: Field, _ number: Int, _ seed: UInt32, _ slug: String) -> String {
        switch field {
        case .text(let text): text
        case .prompt: slug
        case .seed: "\(seed)"
        case .number(let digits):
            String(repeating: "0", count: max(digits - "\(number)".count, 0)) + "\(number)"
        }
    }

    /// What a template is made of; nil when it is none.
    private static func fields(_ text: String) throws(DalleError) -> [Field]? {
        func refused(_ found: Substring) -> DalleError {
            DalleError(
                .usage, "'\(found)' is not replaced",
                remedy: "Templates of names have {n}, {n:3} with three digits, {seed} and {prompt}", file: text)
        }
        // Numbers as C's printf has them, which other programs take.
        if let found = text.firstMatch(of: /%0?[0-9]*[di]/) { throw refused(found.0) }
        var fields: [Field] = []
        var rest = Substring(text)
        while let found = rest.firstMatch(of: /\{([a-z]+)(?::([0-9]+))?\}/) {
            fields.append(.text(String(rest[..<found.range.lowerBound])))
            let digits = found.2.map { Int($0) ?? .max }
            switch (found.1, digits) {
            case ("n", let digits) where digits ?? 1 <= 20: fields.append(.number(digits: digits ?? 1))
            case ("seed", nil): fields.append(.seed)
            case ("prompt", nil): fields.append(.prompt)
            default: throw refused(found.0)
            }
            rest = rest[found.range.upperBound...]
        }
        return fields.isEmpty ? nil : fields + [.text(String(rest))]
    }

    /// A prompt as a file name.
    private static func slug(_ text: String) -> String {
        let latin = text.applyingTransform(StringTransform("Any-Latin; Latin-ASCII; Lower"), reverse: false) ?? text
        let words = latin.unicodeScalars.split { !CharacterSet.alphanumerics.contains($0) || !$0.isASCII }
        let slug = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "-").prefix(48)
        // Cut where a word ends, it would end in a dash.
        let name = slug.last == "-" ? slug.dropLast() : slug
        return name.isEmpty ? "image" : String(name)
    }
}
