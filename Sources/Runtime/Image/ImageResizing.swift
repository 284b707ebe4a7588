extension Image {
    /// The picture in another size, with the bicubic filter that Pillow uses.
    ///
    /// Pillow's arithmetic, so that what follows gets the same bytes: first rows, then columns, each rounded to bytes;
    /// weights of Keys' cubic with a = −0.5 over a support that grows when the picture shrinks, with 22 binary places.
    public func resized(width: Int, height: Int) -> Image {
        var image = self
        if width != image.width { image = image.resizedRows(to: width) }
        if height != image.height { image = image.transposed().resizedRows(to: height).transposed() }
        return image
    }

    /// The middle of the picture.
    ///
    /// Half a pixel is rounded to even, as torchvision does.
    public func centerCropped(width: Int, height: Int) -> Image {
        func start(_ extent: Int, _ part: Int) -> Int {
            Int((Double(extent - part) / 2).rounded(.toNearestOrEven))
        }
        let (left, top) = (start(self.width, width), start(self.height, height))
        precondition(left >= 0 && top >= 0)
        var cropped: [UInt8] = []
        cropped.reserveCapacity(3 * width * height)
        for y in top..<top + height {
            cropped += bytes[3 * (y * self.width + left)..<3 * (y * self.width + left + width)]
        }
        return Image(width: width, height: height, bytes: cropped)
    }

    private func resizedRows(to width: Int) -> Image {
        let windows = ResamplingWindow.bicubic(from: self.width, to: width)
        var result = [UInt8](repeating: 0, count: 3 * width * height)
        for y in 0..<height {
            for (x, window) in windows.enumerated() {
                for channel in 0..<3 {
                    var sum = ResamplingWindow.half
                    var source = 3 * (y * self.width + window.start) + channel
                    for weight in window.weights {
                        sum += weight * Int(bytes[source])
                        source += 3
                    }
                    result[3 * (y * width + x) + channel] = UInt8(clamping: sum >> ResamplingWindow.places)
                }
            }
        }
        return Image(width: width, height: height, bytes: result)
    }

    private func transposed() -> Image {
        var result = [UInt8](repeating: 0, count: bytes.count)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 { result[3 * (x * height + y) + channel] = bytes[3 * (y * width + x) + channel] }
            }
        }
        return Image(width: height, height: width, bytes: result)
    }
}

/// The pixels that make one pixel of a resized row, with their weights in fixed point.
private struct ResamplingWindow {
    let start: Int
    let weights: [Int]

    /// Binary places of the weights.
    static let places = 22
    static let half = 1 << (places - 1)

    static func bicubic(from: Int, to: Int) -> [ResamplingWindow] {
        let scale = Double(from) / Double(to)
        let stretch = max(scale, 1)
        return (0..<to).map { index in
            let center = (Double(index) + 0.5) * scale
            let start = max(Int(center - 2 * stretch + 0.5), 0)
            let end = min(Int(center + 2 * stretch + 0.5), from)
            var weights = (start..<end).map { cubic((Double($0) - center + 0.5) / stretch) }
            let sum = weights.reduce(0, +)
            if sum != 0 { weights = weights.map { $0 / sum } }
            return ResamplingWindow(
                start: start,
                weights: weights.map { Int(($0 * Double(1 << places) + ($0 < 0 ? -0.5 : 0.5)).rounded(.towardZero)) })
        }
    }

    /// Keys' cubic convolution kernel (1981) with a = −0.5.
    private static func cubic(_ x: Double) -> Double {
        let (a, x) = (-0.5, abs(x))
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
}
