public import ArgumentParser
import CommandSupport
import DalleKernels
public import DalleRuntime

extension ComputeContext.Route: ExpressibleByArgument {}

/// How a command computes.
struct ComputeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "fast, or reference: plain operations on float32, slow and with all weights as float32 in memory.",
            valueName: "route"))
    var route = ComputeContext.Route.fast

    func validate() throws {
        if let problem = Kernels.unknownLevel { throw ValidationError(problem) }
    }

    func context(_ work: WorkOptions) -> ComputeContext {
        ComputeContext(route, threads: work.threadCount)
    }
}
