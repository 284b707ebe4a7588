import DalleModels

extension FeatureMap {
    /// The mean of each square of 2 × 2 pixels; an odd row or column at the end is left out.
    func averagePooled() -> FeatureMap {
        let (h, w) = (height / 2, width / 2)
        var result = Matrix(rows: h * w, columns: channels)
        for y in 0..<h {
            for x in 0..<w {
                let first = (2 * y * width + 2 * x) * channels
                let below = first + width * channels
                let target = (y * w + x) * channels
                for c in 0..<channels {
                    result.values[target + c] =
                        (pixels.values[first + c] + pixels.values[first + channels + c] + pixels.values[below + c]
                            + pixels.values[below + channels + c]) / 4
                }
            }
        }
        return FeatureMap(height: h, width: w, pixels: result)
    }

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
