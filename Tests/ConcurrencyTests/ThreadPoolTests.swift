import DalleThreads
import Testing

/// Every part is done once, whatever the pool is asked and by however many.
@Suite struct ThreadPoolTests {
    /// How often each part was done.
    private final class Count: Sendable {
        private let done: Monitor<[Int]>

        init(_ parts: Int) { done = Monitor([Int](repeating: 0, count: parts)) }

        func note(_ part: Int) { done.withLock { $0[part] += 1 } }

        /// Whether all were done, and so many times.
        func isAll(_ times: Int) -> Bool { done.withLock { $0.allSatisfy { $0 == times } } }
    }

    @Test(arguments: [-3, 0, 1, 2, 3, 7, 1000, 32768, 32769, 100_000], [-1, 0, 1, 2, 5])
    func everyPartIsDoneOnce(_ parts: Int, _ threads: Int) {
        let count = Count(max(parts, 0))
        ThreadPool(threads: threads).run(parts) { count.note($0) }
        #expect(count.isAll(1))
    }

    @Test(arguments: [0, 1, 5, 64, 65, 1000], [(1, 1), (8, 1), (16, 100), (1, 5000)])
    func piecesCoverARange(_ count: Int, _ limits: (step: Int, least: Int)) {
        let done = Count(count)
        ThreadPool(threads: 3).run(over: count, step: limits.step, least: limits.least) { piece in
            if piece.lowerBound % limits.step != 0 { Issue.record("\(piece) starts inside a step") }
            for index in piece { done.note(index) }
        }
        #expect(done.isAll(1))
    }

    @Test func bodiesMayRunPartsOfTheirOwn() {
        let pool = ThreadPool(threads: 3)
        let count = Count(40 * 30)
        pool.run(40) { outer in pool.run(30) { count.note(outer * 30 + $0) } }
        #expect(count.isAll(1))
    }

    @Test func manyMayCallItAtTheSameTime() {
        let pool = ThreadPool(threads: 3)
        let counts = (0..<6).map { _ in Count(50) }
        Parallel.forEach(counts.count, threads: counts.count) { caller in
            for _ in 0..<200 { pool.run(50) { counts[caller].note($0) } }
        }
        for count in counts { #expect(count.isAll(200)) }
    }

    @Test func poolsComeAndGo() {
        for _ in 0..<50 {
            let pool = ThreadPool(threads: 4)
            let count = Count(9)
            pool.run(9) { count.note($0) }
            #expect(count.isAll(1))
        }
    }

    @Test func theCallerIsEnough() {
        WorkerThread.areRefused.withValue(true) {
            let pool = ThreadPool(threads: 8)
            #expect(pool.threads == 1)
            let count = Count(100)
            pool.run(100) { count.note($0) }
            #expect(count.isAll(1))
        }
    }
}
