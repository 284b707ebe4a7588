import DalleKernels
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Threads that wait for the next piece of work, for regions so short that starting threads would take longer.
///
/// A step of the decoder has some three hundred of them. A thread that runs out of work looks for more for some
/// microseconds, then sleeps.
public final class ThreadPool: Sendable {
    /// Threads that work, the caller's among them.
    public let threads: Int
    private let shared: Shared

    public init(threads: Int) {
        self.threads = max(threads, 1)
        shared = Shared()
        for _ in 1..<max(threads, 1) { shared.startWorker() }
    }

    deinit { shared.stop() }

    /// Calls `body` for each part below `parts`, in any order and on any of the threads, and returns when all are done.
    ///
    /// Only one thread may call this at a time, and `body` must not.
    public func run(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        guard parts > 1, threads > 1 else {
            for part in 0..<parts { body(part) }
            return
        }
        withoutActuallyEscaping(body) { shared.run(parts, $0) }
    }

    /// Calls `body` for pieces of a range, whose lengths are multiples of `step` but for the last one's.
    ///
    /// - Parameter least: Pieces are no shorter, so that handing them over costs little.
    public func run(over count: Int, step: Int = 1, least: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
        // Some more pieces than threads: one that is held up leaves the rest to the others.
        let wanted = (count + threads * Self.piecesPerThread - 1) / (threads * Self.piecesPerThread)
        let length = (max(wanted, least) + step - 1) / step * step
        run((count + length - 1) / max(length, 1)) { body($0 * length..<min(($0 + 1) * length, count)) }
    }

    private static let piecesPerThread = 4
}

/// What the threads share. It outlives the pool until the last of them has seen that it is over.
private final class Shared: Sendable {
    /// Number of the region (32 bits), its parts (16) and the next of them (16): taking a part is one exchange, and fails
    /// for a thread that has slept through its region.
    private let ticket = Atomic<UInt64>(0)
    private let unfinished = Atomic<Int>(0)
    private let isOver = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    private nonisolated(unsafe) var job: (@Sendable (Int) -> Void)?
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let wakeUp = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    private static let mostParts = 1 << 15
    private static let looks = 2000

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wakeUp, nil)
    }

    deinit {
        pthread_cond_destroy(wakeUp)
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        wakeUp.deallocate()
    }

    func startWorker() {
        let this = Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let result = pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Darwin)
                    let argument: UnsafeMutableRawPointer? = argument
                #endif
                if let argument { Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, this.toOpaque())
        // Without it the others do its work.
        if result != 0 { this.release() }
    }

    func stop() {
        isOver.store(true, ordering: .releasing)
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wakeUp)
        pthread_mutex_unlock(mutex)
    }

    func run(_ parts: Int, _ body: @escaping @Sendable (Int) -> Void) {
        precondition(parts <= Self.mostParts)
        job = body
        unfinished.store(parts, ordering: .relaxed)
        let region = (ticket.load(ordering: .relaxed) >> 32 &+ 1) << 32
        ticket.store(region | UInt64(parts) << 16, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            pthread_mutex_lock(mutex)
            pthread_cond_broadcast(wakeUp)
            pthread_mutex_unlock(mutex)
        }
        while takePart() {}
        var looks = 0
        while unfinished.load(ordering: .acquiring) > 0 {
            // Whoever has the last part may be waiting for a processor.
            looks += 1
            if looks < Self.looks { Kernels.pause() } else { sched_yield() }
        }
        job = nil
    }

    private static func hasParts(_ ticket: UInt64) -> Bool { ticket & 0xFFFF < ticket >> 16 & 0xFFFF }

    /// Does one part, if there is one.
    private func takePart() -> Bool {
        var current = ticket.load(ordering: .acquiring)
        while Self.hasParts(current) {
            let taken = ticket.weakCompareExchange(
                expected: current, desired: current + 1, ordering: .acquiringAndReleasing)
            guard taken.exchanged else {
                current = taken.original
                continue
            }
            // The region cannot end before this part has.
            job?(Int(current & 0xFFFF))
            unfinished.wrappingSubtract(1, ordering: .releasing)
            return true
        }
        return false
    }

    private func work() {
        var idle = 0
        while !isOver.load(ordering: .acquiring) {
            if takePart() {
                idle = 0
            } else if idle < Self.looks {
                idle += 1
                Kernels.pause()
            } else {
                sleep()
                idle = 0
            }
        }
    }

    private func sleep() {
        pthread_mutex_lock(mutex)
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while !Self.hasParts(ticket.load(ordering: .sequentiallyConsistent)), !isOver.load(ordering: .acquiring) {
            pthread_cond_wait(wakeUp, mutex)
        }
        sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }
}
