import ArgumentParser
import CommandSupport
import DalleKernels
import DalleRuntime

/// How a command computes.
struct ComputeOptions: ParsableArguments {
    enum Route: String, ExpressibleByArgument, CaseIterable { case fast, reference }

    @Option(
        help: ArgumentHelp(
            "fast, or reference: plain operations on float32, slow and with all weights as float32 in memory.",
            valueName: "route"))
    var route = Route.fast

    func validate() throws {
        if let problem = Kernels.unknownLevel { throw ValidationError(problem) }
    }

    func context(_ work: WorkOptions) -> ComputeContext {
        ComputeContext(route == .fast ? .fast : .reference, threads: work.threadCount)
    }
}
