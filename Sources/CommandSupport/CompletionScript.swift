import ArgumentParser

/// Scripts by which a shell completes a command's arguments.
enum CompletionScript {
    private static let option = "--generate-completion-script"

    /// The script that the arguments ask for; nil if they ask for none, or for one of a shell that is not known.
    static func asked(_ arguments: [String], _ root: (some ParsableCommand).Type) -> String? {
        guard let place = arguments.firstIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else {
            return nil
        }
        let name =
            arguments[place] == option
            ? arguments.dropFirst(place + 1).first : String(arguments[place].dropFirst(option.count + 1))
        guard let name, let shell = CompletionShell(rawValue: name) else { return nil }
        let script = root.completionScript(for: shell)
        guard shell == .bash else { return script }
        // Where the parser's script knows nothing to offer, files are offered.
        let withFiles = script.replacing("complete -o filenames -F", with: "complete -o filenames -o default -F")
        guard let first = root.configuration.defaultSubcommand else { return withFiles }
        // The parser's script does not know that a subcommand may be left out.
        let function = "_\(root._commandName)_\(first._commandName)"
        return withFiles.replacing(/# Offer subcommand completions\n.*\n/) { found in
            found.output + """
                        if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
                            unparsed_words=("${subcommand}" "${unparsed_words[@]}")
                            \(function)
                        fi

                """
        }
    }
}
