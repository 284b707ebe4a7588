public import DalleFormat

/// An image of feature vectors somewhere in memory, `[height, width, channels]`.
public struct Pixels: Sendable {
    public let height: Int
    public let width: Int
    public let channels: Int
    private let memory: Memory<Float>
    private let start: Int

    /// - Parameters:
    ///   - memory: For one image after the other. What is never used of it takes none: pages come with the first write.
    ///   - start: Where its first number lies in `memory`.
    public init(
        _ memory: Memory<Float>, start: Int = 0, height: Int, width: Int, channels: Int
    ) {
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

    var base: UnsafeMutablePointer<Float> { memory.base + start }

    /// All numbers, one pixel after the other.
    public func withNumbers<Result>(_ body: (UnsafeMutableBufferPointer<Float>) -> Result) -> Result {
        withExtendedLifetime(memory) {
            body(UnsafeMutableBufferPointer(start: base, count: count * channels))
        }
    }
}
