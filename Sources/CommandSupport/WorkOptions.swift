public import ArgumentParser
import Foundation

/// Options of every command that works for a while.
public struct WorkOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("t")],
        help: ArgumentHelp("Threads to use. (default: all processors)", valueName: "n"))
    public var threads: Int?

    @Option(help: ArgumentHelp("How to show progress: auto, bar, lines, json or none.", valueName: "how"))
    public var progress: ProgressMode = .auto

    public init() {}

    public func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads is from 1 to 1024.") }
    }

    /// How to show progress; being quiet does not silence what was asked for.
    public func progressMode(_ common: CommonOptions) -> ProgressMode {
        common.quiet && progress == .auto ? .none : progress
    }

    public var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// Options of every command that writes a model file.
public struct WritingOptions: ParsableArguments {
    @Flag(help: "Say what would be written, and write nothing.")
    public var dryRun = false

    @Flag(help: "Replace the output if it exists.")
    public var force = false

    public init() {}
}

/// Options of every command that writes weights.
public struct NumberOptions: ParsableArguments {
    @Flag(
        name: .customLong("allow-nonfinite"),
        help: "Write infinities and what is no number as they are, instead of refusing them.")
    public var allowNonfinite = false

    public init() {}
}
