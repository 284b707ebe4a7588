import ArgumentParser
import DalleFormat
import Foundation

/// An option of other programs that this one does not have, and what is to be used instead.
public struct ForeignOption: Sendable {
    let matches: @Sendable (String) -> Bool
    let advice: String

    public init(_ names: String..., advice: String) {
        let names = names
        matches = { names.contains($0) }
        self.advice = advice
    }

    /// All options that `matches` says true of.
    public init(advice: String, matches: @escaping @Sendable (String) -> Bool) {
        self.matches = matches
        self.advice = advice
    }
}

/// What is said of arguments that are not understood.
public enum UsageAdvice {
    /// Names that may stand in the first place.
    nonisolated(unsafe) static var subcommands: [String] = []

    /// The subcommand that may have been meant.
    public static func nearestSubcommand(_ name: String) -> String? { NearestName.of(name, among: subcommands) }

    /// Says what is wrong with the arguments, and what would be right.
    static func say(_ error: any Error, _ root: (some ParsableCommand).Type, _ foreign: [ForeignOption]) {
        let message = root.message(for: error)
        let advice = advice(Array(CommandLine.arguments.dropFirst()), message, foreign)
        if Console.form != .text {
            Console.fail(advice ?? message, status: ExitCode.validationFailure.rawValue)
        } else if let advice {
            let usage = root.fullMessage(for: error).split(separator: "\n").drop { !$0.hasPrefix("Usage:") }
            Console.error("Error: \(advice)\n\(usage.joined(separator: "\n"))")
        } else {
            Console.error(root.fullMessage(for: error))
        }
    }

    /// What helps better than the parser's message.
    private static func advice(_ arguments: [String], _ message: String, _ foreign: [ForeignOption]) -> String? {
        let options = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("-") }
        for option in options {
            let name = String(option.prefix { $0 != "=" })
            // Of another subcommand's options none is foreign.
            guard message.contains("'\(name)'") || !subcommands.contains(arguments.first ?? "") else { continue }
            if let known = foreign.first(where: { $0.matches(name) }) { return known.advice }
        }
        // What is left of a prompt that was taken for an option.
        if let text = options.first(where: { $0.contains(" ") })
            ?? (message.hasPrefix("Give a prompt") ? options.last : nil)
        {
            return "'\(text)' begins like an option. Put -- before it if it is a text: -- '\(text)'"
        }
        if let first = arguments.first, !first.hasPrefix("-"), !subcommands.contains(first),
            let near = nearestSubcommand(first)
        {
            return "There is no '\(first)'. Did you mean '\(near)'?"
        }
        // The parser proposes whatever is nearest, however far it is.
        if let found = message.firstMatch(of: /^(Unknown option '(.+)')\. Did you mean '(.+)'\?$/),
            NearestName.of(String(found.2), among: [String(found.3)]) == nil
        {
            return String(found.1)
        }
        return nil
    }
}
