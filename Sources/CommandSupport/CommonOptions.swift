public import ArgumentParser
import DalleFormat
import Foundation

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
    /// Exit statuses are those of sysexits.h: 65 bad data, 66 missing input, 70 a fault of ours, 73 cannot write; 64
    /// is usage, 130 an interruption, and 1 a check that failed.
    public func run(_ work: () throws -> Void) throws {
        Interruption.cleanUp()
        do {
            try work()
        } catch let error as DalleError {
            Console.error("Error: \(error)")
            throw error.code.exitStatus
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
        case .cannotWrite: ExitCode(73)
        case .cancelled: ExitCode(130)
        }
    }
}

/// What happens when the user interrupts a command.
enum Interruption {
    private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []

    /// From now on an interruption removes half-written files and ends the process with status 130.
    static func cleanUp() {
        guard sources.isEmpty else { return }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                AtomicFile.removeAllPartial()
                let bar = isatty(2) != 0 ? "\r\u{1B}[K" : ""
                Console.error(bar + "Interrupted: files already named are whole, nothing half-written is left.")
                _exit(130)
            }
            source.resume()
            sources.append(source)
        }
    }
}
