/// A picture of 8-bit red, green and blue.
public struct Image: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// Rows from the top, three bytes for each pixel.
    public let bytes: [UInt8]

    public init(width: Int, height: Int, bytes: [UInt8]) {
        precondition(bytes.count == 3 * width * height)
        self.width = width
        self.height = height
        self.bytes = bytes
    }
}
