import CSystem
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
///
/// Several may call a pool at the same time: the threads work for one of them, the others do their parts themselves.
package final class ThreadPool: Sendable {
    /// Threads that work, the caller's among them: as many as were asked for, or fewer where the system gives no more.
    package let threads: Int
    private let shared = Shared()

    package init(threads: Int) {
        var workers = 0
        while workers < threads - 1, WorkerThread({ [shared] in shared.work() }) != nil { workers += 1 }
        self.threads = workers + 1
    }

    deinit { shared.stop() }

    /// Calls `body` for each part below `parts`, in any order and on any of the threads, and returns when all are done.
    package func run(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        // A pool at work has no thread to lend, neither to another caller nor to `body` itself.
        guard parts > 1, threads > 1, shared.begin() else {
            for part in 0..<max(parts, 0) { body(part) }
            return
        }
        defer { shared.end() }
        withoutActuallyEscaping(body) { body in
            for first in stride(from: 0, to: parts, by: Shared.mostParts) {
                shared.run(min(parts - first, Shared.mostParts)) { body(first + $0) }
            }
        }
    }

    /// Calls `body` for pieces of a range, whose lengths are multiples of `step` but for the last one's.
    ///
    /// - Parameter least: Pieces are no shorter, so that handing them over costs little.
    package func run(over count: Int, step: Int = 1, least: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
        // Some more pieces than threads: one that is held up leaves the rest to the others.
        let wanted = (count + threads * Self.piecesPerThread - 1) / (threads * Self.piecesPerThread)
        let length = (max(wanted, least) + step - 1) / step * step
        run((count + length - 1) / max(length, 1)) { body($0 * length..<min(($0 + 1) * length, count)) }
    }

    private static let piecesPerThread = 4
}

/// What the threads share. It outlives the pool until the last of them has seen that it is over.
private final class Shared: Sendable {
    /// Parts of a region, at most.
    static let mostParts = 1 << 15

    /// Number of the region (32 bits), its parts (16) and the next of them (16): taking a part is one exchange, and fails
    /// for a thread that has slept through its region.
    private let ticket = Atomic<UInt64>(0)
    private let unfinished = Atomic<Int>(0)
    private let isTaken = Atomic<Bool>(false)
    private let isOver = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    /// Of nothing but the waking.
    private let wakeUp = Monitor(0)
    private nonisolated(unsafe) var job: (@Sendable (Int) -> Void)?

    private static let looks = 2000

    /// Takes the pool for one caller.
    ///
    /// - Returns: false when another one has it.
    func begin() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }

    func end() { isTaken.store(false, ordering: .releasing) }

    func stop() {
        isOver.store(true, ordering: .releasing)
        wakeUp.change { _ in }
    }

    /// One region; only whoever has taken the pool may call this.
    func run(_ parts: Int, _ body: @escaping @Sendable (Int) -> Void) {
        job = body
        unfinished.store(parts, ordering: .relaxed)
        let region = (ticket.load(ordering: .relaxed) >> 32 &+ 1) << 32
        ticket.store(region | UInt64(parts) << 16, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeUp.change { _ in } }
        while takePart() {}
        var looks = 0
        while unfinished.load(ordering: .acquiring) > 0 {
            // Whoever has the last part may be waiting for a processor.
            looks += 1
            if looks < Self.looks { csys_pause() } else { sched_yield() }
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

    func work() {
        var idle = 0
        while !isOver.load(ordering: .acquiring) {
            if takePart() {
                idle = 0
            } else if idle < Self.looks {
                idle += 1
                csys_pause()
            } else {
                sleep()
                idle = 0
            }
        }
    }

    private func sleep() {
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        wakeUp.wait { _ in
            Self.hasParts(ticket.load(ordering: .sequentiallyConsistent)) || isOver.load(ordering: .acquiring)
                ? () : nil
        }
        sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
}
