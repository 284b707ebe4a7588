#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A thread of our own, if the system gives one.
///
/// Where threads or address space are short there is none, and whoever wanted it does the work itself: that takes longer,
/// but never waits for a thread that will not come, as the queues of the system do.
package final class WorkerThread {
    /// Set where a test wants the system to have no thread to give.
    package static let areRefused = TaskLocal(wrappedValue: false)

    private let handle: pthread_t
    private var isJoined = false

    /// Ample for what runs here, and an eighth of the address space that the system would set aside.
    private static let stackByteCount = 1 << 20

    /// Where address space is limited, keeps the allocator of glibc from setting aside 64 MiB of it for each thread.
    private static let saveAddressSpace: Void = {
        #if canImport(Glibc)
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < Int.max,
                let mallopt = dlsym(nil, "mallopt")
            else { return }
            // M_ARENA_MAX of malloc.h, which is not imported.
            _ = unsafeBitCast(mallopt, to: (@convention(c) (Int32, Int32) -> Int32).self)(-8, 1)
        #endif
    }()

    /// Whether a thread's stack leaves room for what is small: its allocation ends the process when it is refused.
    private static var leavesRoom: Bool {
        let byteCount = stackByteCount + (16 << 20)
        let space = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard space != MAP_FAILED else { return false }
        munmap(space, byteCount)
        return true
    }

    /// Starts a thread that calls `body`.
    ///
    /// - Returns: nil when the system has no thread to give; then `body` is not called.
    package init?(_ body: @escaping @Sendable () -> Void) {
        guard !Self.areRefused.get(), Self.leavesRoom else { return nil }
        Self.saveAddressSpace
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return nil }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackByteCount)
        let work = Unmanaged.passRetained(Work(body: body))
        #if canImport(Darwin)
            // Written before it is read.
            var thread: pthread_t!
            let result = pthread_create(
                &thread, &attributes,
                {
                    Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body()
                    return nil
                }, work.toOpaque())
        #else
            var thread = pthread_t()
            let result = pthread_create(
                &thread, &attributes,
                {
                    if let argument = $0 { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                    return nil
                }, work.toOpaque())
        #endif
        guard result == 0 else {
            work.release()
            return nil
        }
        handle = thread
    }

    deinit {
        if !isJoined { pthread_detach(handle) }
    }

    /// Waits until the thread has ended; to be called once.
    package func join() {
        pthread_join(handle, nil)
        isJoined = true
    }

    /// How many threads the system would give now, up to a number.
    package static func available(upTo count: Int) -> Int {
        let gate = Monitor(false)
        var threads: [WorkerThread] = []
        while threads.count < count, let thread = WorkerThread({ gate.wait { $0 ? () : nil } }) {
            threads.append(thread)
        }
        gate.change { $0 = true }
        threads.forEach { $0.join() }
        return threads.count
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
