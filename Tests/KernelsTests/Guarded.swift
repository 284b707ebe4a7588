import Foundation

/// Elements right before a page that cannot be touched: who reads or writes behind them crashes. What is before them must
/// stay as it was, and they themselves begin with bits that no result has.
final class Guarded<Element: BitwiseCopyable> {
    let start: UnsafeMutablePointer<Element>
    let count: Int
    private let memory: UnsafeMutableRawPointer
    private let slack: Int
    private let byteCount: Int

    private static var canary: UInt8 { 0xA5 }

    init(_ count: Int) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let used = count * MemoryLayout<Element>.stride
        let pages = (used + page - 1) / page
        byteCount = (pages + 2) * page
        guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { preconditionFailure("no memory") }
        memory.initializeMemory(as: UInt8.self, repeating: Self.canary, count: byteCount)
        mprotect(memory, page, PROT_NONE)
        mprotect(memory + byteCount - page, page, PROT_NONE)
        self.memory = memory + page
        self.count = count
        slack = pages * page - used
        start = (memory + page + slack).bindMemory(to: Element.self, capacity: count)
    }

    convenience init(_ elements: some Collection<Element>) {
        self.init(elements.count)
        _ = UnsafeMutableBufferPointer(start: start, count: count).initialize(from: elements)
    }

    deinit { munmap(memory - sysconf(Int32(_SC_PAGESIZE)), byteCount) }

    var elements: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }

    var isIntact: Bool {
        UnsafeRawBufferPointer(start: memory, count: slack).allSatisfy { $0 == Self.canary }
    }

    /// Whether an element still has the bits it began with.
    func isUntouched(_ index: Int) -> Bool {
        UnsafeRawBufferPointer(start: start + index, count: MemoryLayout<Element>.stride)
            .allSatisfy { $0 == Self.canary }
    }

    /// All bits, those of elements that were not written included.
    func hasSameBits(as other: Guarded) -> Bool {
        count == other.count && memcmp(start, other.start, count * MemoryLayout<Element>.stride) == 0
    }
}
