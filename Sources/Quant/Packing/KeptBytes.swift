import DalleFormat

/// A converted tensor's bytes, kept from the pass that measures its error until they are written.
///
/// A tensor that is larger than `limit` is converted again instead.
final class KeptBytes: Sendable {
    /// Three quarters of a run's memory go to other things, and no tensor of the released models takes more than 206 MB.
    static let limit = 256 << 20

    // Each row is written by one thread, and all of them before others read.
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    /// Nil when there are too many.
    init?(_ count: Int, limit: Int = KeptBytes.limit) {
        guard count <= limit else { return nil }
        memory = .allocate(byteCount: count, alignment: 64)
    }

    deinit { memory.deallocate() }

    /// Bytes to be written by the one thread that is responsible for them.
    subscript(range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[range])
    }

    func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[range]))
    }
}

/// A tensor in the plain layout whose bytes are kept.
struct KeptSource: TensorSource {
    let dtype: DType
    let shape: Shape
    let bytes: KeptBytes

    func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
        bytes.read(elements.lowerBound * dtype.byteCount..<elements.upperBound * dtype.byteCount, into: target)
    }
}
