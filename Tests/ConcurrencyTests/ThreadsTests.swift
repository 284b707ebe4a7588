import DalleFormat
import DalleThreads
import Foundation
import Synchronization
import TestSupport
import Testing

/// Work is done with as many threads as the system gives, and none is needed.
@Suite struct ThreadsTests {
    @Test(arguments: [0, 1, 2, 7, 1000], [0, 1, 2, 16])
    func everyIndexIsTakenOnce(_ count: Int, _ threads: Int) {
        for areRefused in [false, true] {
            let done = Monitor([Int](repeating: 0, count: count))
            WorkerThread.areRefused.withValue(areRefused) {
                Parallel.forEach(count, threads: threads) { index in done.withLock { $0[index] += 1 } }
            }
            #expect(done.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test(arguments: [false, true]) func theErrorIsThatOfTheLowestIndex(_ areRefused: Bool) {
        for _ in 0..<20 {
            let error = #expect(throws: DalleError.self) {
                try WorkerThread.areRefused.withValue(areRefused) {
                    try Parallel.forEach(500, threads: 8) { index throws(DalleError) in
                        if index % 100 >= 37 { throw DalleError(.badData, "index \(index)") }
                    }
                }
            }
            #expect(error?.message == "index 37")
        }
    }

    @Test func workMayBeSpreadInsideSpreadWork() {
        let sum = Atomic(0)
        Parallel.forEach(8, threads: 4) { outer in
            Parallel.forEach(100, threads: 4) { sum.wrappingAdd(outer * $0, ordering: .relaxed) }
        }
        #expect(sum.load(ordering: .relaxed) == 28 * 4950)
    }

    @Test(arguments: [false, true]) func serialWorkKeepsItsOrder(_ areRefused: Bool) {
        let done = Monitor<[Int]>([])
        let work = WorkerThread.areRefused.withValue(areRefused) { SerialWork() }
        work.wait()
        for number in 0..<500 { work.add { done.withLock { $0.append(number) } } }
        work.wait()
        #expect(done.withLock { $0 } == Array(0..<500))
    }

    @Test func availableThreadsAreThoseThatStart() {
        #expect(WorkerThread.available(upTo: 3) == 3)
        #expect(WorkerThread.available(upTo: 0) == 0)
        #expect(WorkerThread.areRefused.withValue(true) { WorkerThread.available(upTo: 3) } == 0)
    }

    /// Large and small tensors, plain and compressed: the file is the same, whoever writes it.
    @Test func filesAreTheSameWithoutThreads() throws {
        let directory = try TemporaryDirectory()
        var generator = SeededGenerator(seed: 3)
        let values = (0..<3_000_000).map { _ in generator.normal() }
        func write(_ name: String) throws -> Data {
            let path = directory.path(name)
            let writer = try ModelFileWriter(path, replacing: false, threads: 3)
            for (number, count) in [3_000_000, 5, 0, 700_000].enumerated() {
                let source = MemorySource(Array(values.prefix(count)), try Shape([count]))
                try writer.add(
                    "t.\(number)", source, compression: number % 2 == 0 ? .zstd(level: 1) : .none)
            }
            try writer.finish(metadata: MetadataMap(), components: [])
            let file = try ModelFile(path)
            #expect(try file.damages(threads: 3, decoding: true).isEmpty)
            let bytes = try Data(contentsOf: URL(filePath: path))
            let sources = try FileDigests([path, path]).sources()
            #expect(sources.map(\.byteCount) == [bytes.count])
            return bytes
        }
        let expected = try write("threads.dalle")
        #expect(try WorkerThread.areRefused.withValue(true) { try write("alone.dalle") } == expected)
    }
}
