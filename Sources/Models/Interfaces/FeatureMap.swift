/// An image of feature vectors, `[height, width, channels]`: a matrix with a row for each pixel.
public struct FeatureMap: Sendable {
    public let height: Int
    public let width: Int
    public var pixels: Matrix

    public init(height: Int, width: Int, pixels: Matrix) {
        precondition(pixels.rows == height * width)
        self.height = height
        self.width = width
        self.pixels = pixels
    }

    public var channels: Int { pixels.columns }
}
