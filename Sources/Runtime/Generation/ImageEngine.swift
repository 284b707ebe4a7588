public import DalleFormat
public import DalleModels
import DalleThreads

/// Makes images for any number of callers at once: their requests share the passes over the weights, and each image has the
/// bits that it has alone.
///
///     let engine = try ImageEngine(DalleModel("mini.dalle"))
///     for try await event in engine.generate([Request(prompt: "a red fox", seed: 7)]) {
///         if case .image(let image) = event { try PNGFile.write(image.image, to: "fox.png", replacing: false) }
///     }
///
/// A caller that goes away, or whose task is cancelled, is left out before the next token.
public actor ImageEngine {
    private typealias Stream = AsyncThrowingStream<GenerationEvent, any Error>

    /// The file's, else upstream's.
    public nonisolated let defaults: GenerationDefaults
    private let loop: GenerationLoop
    private let executor: ThreadExecutor
    private var callers: [Int: Stream.Continuation] = [:]
    private var isRunning = false

    /// Its arithmetic waits for no other task's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter rows: Images whose tokens are sampled together, at most; memory is taken for so many. One on the reference
    ///   route, where an image's last bits depend on its company.
    /// - Throws: `missingInput` when the file lacks a part that images need, `badData` when one is damaged.
    public init(_ model: DalleModel, _ context: ComputeContext = ComputeContext(), rows: Int = 4) throws(DalleError) {
        defaults = try model.defaults()
        executor = ThreadExecutor()
        loop = GenerationLoop(
            model, try model.tokenModel(context), try model.codec(context),
            rows: context.route == .reference ? 1 : max(rows, 1), isShared: true, context)
    }

    /// Asks for images.
    ///
    /// - Parameter options: nil takes the file's.
    /// - Returns: What happens on the way, the images among it; ends with the last image, or throws a `DalleError`.
    public nonisolated func generate(
        _ requests: [Request], _ options: GenerationOptions? = nil
    ) -> AsyncThrowingStream<GenerationEvent, any Error> {
        let options = options ?? GenerationOptions(SamplingOptions(defaults))
        return AsyncThrowingStream { continuation in
            let caller = Task { await serve(requests, options, continuation) }
            continuation.onTermination = { [weak self] _ in
                Task {
                    guard let number = await caller.value else { return }
                    await self?.leave(number)
                }
            }
        }
    }

    /// - Returns: The caller's number; nil when nothing can be done for it.
    private func serve(
        _ requests: [Request], _ options: GenerationOptions, _ continuation: Stream.Continuation
    ) -> Int? {
        do throws(DalleError) {
            guard !requests.isEmpty else {
                continuation.finish()
                return nil
            }
            let number = try loop.add(requests, options) { continuation.yield($0) }
            callers[number] = continuation
            if !isRunning {
                isRunning = true
                Task { await run() }
            }
            return number
        } catch {
            continuation.finish(throwing: error)
            return nil
        }
    }

    private func leave(_ number: Int) {
        guard callers.removeValue(forKey: number) != nil else { return }
        loop.cancel(number)
    }

    private func run() async {
        var goesOn = true
        while goesOn {
            do throws(DalleError) {
                goesOn = try loop.advance()
                for number in callers.keys where loop.isDone(number) { callers.removeValue(forKey: number)?.finish() }
            } catch {
                for (number, caller) in callers {
                    loop.cancel(number)
                    caller.finish(throwing: error)
                }
                callers = [:]
            }
            // Others have their say between two tokens.
            await Task.yield()
        }
        isRunning = false
        // What came while the last piece was done.
        if !loop.isIdle {
            isRunning = true
            await run()
        }
    }
}

/// Runs an actor's work in a thread of its own; in that of whoever asks for it, where the system gives none.
private final class ThreadExecutor: SerialExecutor {
    private let work = SerialWork()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        work.add { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
