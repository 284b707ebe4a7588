public import DalleModels
import Foundation

extension Image {
    /// Peak signal-to-noise ratio against a picture of the same size, in decibels; infinite when they are equal.
    public func psnr(_ other: Image) -> Double {
        precondition(bytes.count == other.bytes.count)
        let squares = zip(bytes, other.bytes).reduce(0) { sum, pair in
            let difference = Int(pair.0) - Int(pair.1)
            return sum + difference * difference
        }
        return 10 * log10(255 * 255 * Double(bytes.count) / Double(squares))
    }

    /// Pictures of one size side by side, row by row, on white.
    ///
    /// - Parameters:
    ///   - gap: White pixels between them.
    ///   - places: There is room for so many, if that is more than there are.
    public static func grid(_ images: [Image], columns: Int, gap: Int = 0, places: Int = 0) -> Image {
        guard let first = images.first, columns > 0 else { return Image(width: 0, height: 0, bytes: []) }
        precondition(images.allSatisfy { $0.width == first.width && $0.height == first.height })
        let rows = (max(images.count, places) + columns - 1) / columns
        let width = columns * (first.width + gap) - gap
        let height = rows * (first.height + gap) - gap
        let stride = 3 * first.width
        var bytes = [UInt8](repeating: 255, count: 3 * width * height)
        for (number, image) in images.enumerated() {
            let left = number % columns * (first.width + gap)
            let top = number / columns * (first.height + gap)
            for y in 0..<first.height {
                let start = 3 * ((top + y) * width + left)
                bytes.replaceSubrange(start..<start + stride, with: image.bytes[y * stride..<(y + 1) * stride])
            }
        }
        return Image(width: width, height: height, bytes: bytes)
    }
}
