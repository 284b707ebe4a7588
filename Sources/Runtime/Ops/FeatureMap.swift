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

    /// Every pixel twice in each direction.
    func upsampled() -> FeatureMap {
        var result = Matrix(rows: 4 * height * width, columns: channels)
        for y in 0..<2 * height {
            for x in 0..<2 * width {
                let source = (y / 2 * width + x / 2) * channels
                let target = (y * 2 * width + x) * channels
                for c in 0..<channels { result.values[target + c] = pixels.values[source + c] }
            }
        }
        return FeatureMap(height: 2 * height, width: 2 * width, pixels: result)
    }
}
