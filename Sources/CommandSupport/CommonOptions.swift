public import ArgumentParser
import DalleFormat

/// Options that every command has.
public struct CommonOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say nothing but errors and the result.")
    public var quiet = false

    @Flag(help: "Print the result as one JSON object on standard output.")
    public var json = false

    public init() {}

    public var console: Console { Console(isQuiet: quiet) }
}

extension CommonOptions {
    /// Runs a command's work; an error becomes one message and an exit status.
    ///
    /// Exit statuses are those of sysexits.h: 65 bad data, 66 missing input, 70 a fault of ours, 71 no memory, 73 cannot
    /// write; 64 is usage, 1 a check that failed, and 128 plus a signal's number an interruption (130, 143, 129).
    public func run(_ work: () throws -> Void) throws {
        do {
            try SystemMemory.require(0, for: "the command")
            try work()
            Console.event(DoneEvent())
        } catch let error as DalleError {
            Console.fail(error.suggestingName(commands: UsageAdvice.subcommands))
            throw error.code.exitStatus
        } catch let status as ExitCode {
            // The work was done, and a check in it failed.
            Console.event(DoneEvent())
            throw status
        }
    }
}

extension DalleError.Code {
    var exitStatus: ExitCode {
        switch self {
        case .usage: ExitCode(64)
        case .badData: ExitCode(65)
        case .missingInput: ExitCode(66)
        case .fault: ExitCode(70)
        case .noMemory: ExitCode(71)
        case .cannotWrite: ExitCode(73)
        case .cancelled: ExitCode(130)
        }
    }
}
