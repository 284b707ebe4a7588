/// Memory for the floats of images, allocated once and used for one image after the other.
///
/// Threads may write different pixels or channels at the same time; that they differ is up to the caller.
public final class PixelMemory: @unchecked Sendable {
    public let count: Int
    let floats: UnsafeMutablePointer<Float>

    public init(count: Int) {
        precondition(count > 0)
        self.count = count
        // What is never used takes no memory: pages come with the first write.
        floats = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
            .bindMemory(to: Float.self, capacity: count)
    }

    deinit { floats.deallocate() }
}

/// An image of feature vectors somewhere in memory, `[height, width, channels]`.
public struct Pixels: Sendable {
    public let height: Int
    public let width: Int
    public let channels: Int
    private let memory: PixelMemory
    private let start: Int

    /// - Parameter start: Where its first number lies in `memory`.
    public init(_ memory: PixelMemory, start: Int = 0, height: Int, width: Int, channels: Int) {
        precondition(start >= 0 && height > 0 && width > 0 && channels > 0)
        precondition(height * width * channels <= memory.count - start)
        self.memory = memory
        self.start = start
        self.height = height
        self.width = width
        self.channels = channels
    }

    public var count: Int { height * width }

    /// The image as one row, whose pixels do not know each other.
    public var flat: Pixels { Pixels(memory, start: start, height: 1, width: count, channels: channels) }

    var base: UnsafeMutablePointer<Float> { memory.floats + start }

    /// All numbers, one pixel after the other.
    public func withNumbers<Result>(_ body: (UnsafeMutableBufferPointer<Float>) -> Result) -> Result {
        withExtendedLifetime(memory) {
            body(UnsafeMutableBufferPointer(start: base, count: count * channels))
        }
    }
}
