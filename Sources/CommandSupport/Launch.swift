public import ArgumentParser
import CSystem
import DalleFormat
import Foundation

extension ParsableCommand {
    /// Does what the command line asks for and ends the process.
    ///
    /// Without any thread of its own: signals end the process from their handlers.
    ///
    /// - Parameter foreign: Options of other programs, and what is said of them.
    public static func launch(foreign: [ForeignOption] = []) -> Never {
        UsageAdvice.subcommands = configuration.subcommands.map { $0._commandName }
        StandardStream.fillGaps()
        csys_handle_signals(DalleError.Code.badData.exitStatus.rawValue, Console.form != .text)
        var status: Int32 = 0
        do {
            if let script = CompletionScript.asked(Array(CommandLine.arguments.dropFirst()), Self.self) {
                StandardStream.output.write(script + "\n")
                leave(0)
            }
            var command = try parseAsRoot()
            try command.run()
        } catch {
            status = exitCode(for: error).rawValue
            if status == ExitCode.validationFailure.rawValue, !(error is ExitCode) {
                UsageAdvice.say(error, Self.self, foreign)
                leave(status)
            }
            let text = fullMessage(for: error)
            if !text.isEmpty { status == 0 ? Console.result(text) : Console.error(text) }
        }
        leave(status)
    }

    /// Ends the process; with an error status if a result could not be said.
    public static func leave(_ status: Int32) -> Never {
        let problem = StandardStream.finish()
        guard problem != 0 else { Foundation.exit(status) }
        if problem == EPIPE {
            // Whoever read it has seen enough.
            if status == 0, csys_ends_on_closed_pipe() {
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            }
        } else {
            let reason = String(cString: strerror(problem))
            Console.fail(
                "standard output cannot be written: \(reason). The result is lost",
                status: DalleError.Code.cannotWrite.exitStatus.rawValue)
        }
        Foundation.exit(status == 0 ? DalleError.Code.cannotWrite.exitStatus.rawValue : status)
    }
}
