import DalleModels
import DalleRuntime
import Foundation

/// How alike pictures are, whose colours are numbers from 0 to 1.
struct PictureSimilarity {
    private var squares = 0.0
    private var count = 0
    private var similarities: [Double] = []
    private(set) var largestDifference = 0.0

    /// Peak signal-to-noise ratio over all pictures, in decibels; infinite when they are equal.
    var psnr: Double { -10 * log10(squares / Double(max(count, 1))) }

    /// Mean structural similarity.
    var ssim: Double { similarities.reduce(0, +) / Double(max(similarities.count, 1)) }

    mutating func add(expected: FeatureMap, found: FeatureMap) {
        precondition(expected.width == found.width && expected.pixels.values.count == found.pixels.values.count)
        for (a, b) in zip(expected.pixels.values, found.pixels.values) {
            let difference = abs(Double(a) - Double(b))
            largestDifference = difference.isNaN ? .infinity : max(largestDifference, difference)
            squares += difference * difference
        }
        count += expected.pixels.values.count
        for channel in 0..<expected.channels {
            similarities.append(Self.ssim(Plane(expected, channel), Plane(found, channel)))
        }
    }

    /// Mean structural similarity of two planes: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error
    /// visibility to structural similarity" (2004), with its Gaussian window of 11 × 11 and σ = 1.5, where that lies
    /// wholly inside; a plane that is smaller has a smaller window.
    static func ssim(_ a: Plane, _ b: Plane) -> Double {
        let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
        let (meanA, meanB) = (a.blurred(), b.blurred())
        let (squareA, squareB) = (a.times(a).blurred(), b.times(b).blurred())
        let product = a.times(b).blurred()
        var sum = 0.0
        for i in meanA.values.indices {
            let (x, y) = (meanA.values[i], meanB.values[i])
            let (varianceX, varianceY) = (squareA.values[i] - x * x, squareB.values[i] - y * y)
            let covariance = product.values[i] - x * y
            sum +=
                (2 * x * y + c1) * (2 * covariance + c2) / ((x * x + y * y + c1) * (varianceX + varianceY + c2))
        }
        return sum / Double(max(meanA.values.count, 1))
    }

    /// One colour of a picture.
    struct Plane {
        let width: Int
        let height: Int
        let values: [Double]

        init(width: Int, height: Int, values: [Double]) {
            precondition(values.count == width * height)
            self.width = width
            self.height = height
            self.values = values
        }

        init(_ picture: FeatureMap, _ channel: Int) {
            let pixels = picture.pixels
            self.init(
                width: picture.width, height: picture.height,
                values: (0..<pixels.rows).map { Double(pixels.values[$0 * pixels.columns + channel]) })
        }

        func times(_ other: Plane) -> Plane {
            Plane(width: width, height: height, values: zip(values, other.values).map { $0 * $1 })
        }

        /// Weighted means of all windows that lie inside.
        func blurred() -> Plane {
            let window = Self.window(min(width, height))
            let (w, h) = (width - window.count + 1, height - window.count + 1)
            var rows = [Double](repeating: 0, count: w * height)
            for y in 0..<height {
                for x in 0..<w {
                    rows[y * w + x] = window.indices.reduce(0) { $0 + window[$1] * values[y * width + x + $1] }
                }
            }
            var result = [Double](repeating: 0, count: w * h)
            for y in 0..<h {
                for x in 0..<w {
                    result[y * w + x] = window.indices.reduce(0) { $0 + window[$1] * rows[(y + $1) * w + x] }
                }
            }
            return Plane(width: w, height: h, values: result)
        }

        /// A Gaussian of unit sum, of at most 11 and an odd number of weights.
        private static func window(_ limit: Int) -> [Double] {
            let count = min(11, limit - (limit + 1) % 2)
            let weights = (0..<count).map { i in
                let distance = Double(i - count / 2)
                return exp(-distance * distance / (2 * 1.5 * 1.5))
            }
            let total = weights.reduce(0, +)
            return weights.map { $0 / total }
        }
    }
}
