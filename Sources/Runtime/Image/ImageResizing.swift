public import DalleModels
import Foundation

extension Image {
    /// The picture in another size.
    ///
    /// Pillow's arithmetic, so that what follows gets the same bytes: first rows, then columns, each rounded to bytes;
    /// weights over a support that grows when the picture shrinks, with 22 binary places.
    public func resized(width: Int, height: Int, filter: ResamplingFilter = .bicubic) -> Image {
        resampled(
            ResamplingWindow.list(filter, from: self.width, to: width, part: 0..<width),
            ResamplingWindow.list(filter, from: self.height, to: height, part: 0..<height))
    }

    /// A square of the picture's middle, whose edge was the shorter side.
    ///
    /// As dalle-mini's pictures were prepared for its VQGAN: Lanczos' filter makes the shorter side what is asked for, the
    /// longer one is rounded (half to even, as Python does), and of that the middle is taken. Only that is computed.
    public func squared(to edge: Int) -> Image {
        let scale = Double(edge) / Double(min(width, height))
        func windows(_ extent: Int) -> [ResamplingWindow] {
            let whole = max(Int((scale * Double(extent)).rounded(.toNearestOrEven)), edge)
            let start = Self.middle(of: whole, edge)
            return ResamplingWindow.list(.lanczos, from: extent, to: whole, part: start..<start + edge)
        }
        return resampled(windows(width), windows(height))
    }

    /// The middle of the picture.
    public func centerCropped(width: Int, height: Int) -> Image {
        let (left, top) = (Self.middle(of: self.width, width), Self.middle(of: self.height, height))
        precondition(left >= 0 && top >= 0)
        var cropped: [UInt8] = []
        cropped.reserveCapacity(3 * width * height)
        for y in top..<top + height {
            cropped += bytes[3 * (y * self.width + left)..<3 * (y * self.width + left + width)]
        }
        return Image(width: width, height: height, bytes: cropped)
    }

    /// Where the middle part of an extent begins: half a pixel is rounded to even, as torchvision does.
    private static func middle(of extent: Int, _ part: Int) -> Int {
        Int((Double(extent - part) / 2).rounded(.toNearestOrEven))
    }

    private func resampled(_ columns: [ResamplingWindow], _ rows: [ResamplingWindow]) -> Image {
        guard let first = rows.first?.start, let last = rows.last else {
            return Image(width: columns.count, height: 0, bytes: [])
        }
        // Of the rows only those that something is made of.
        let image = rowsResampled(columns, rows: first..<last.start + last.weights.count).transposed()
        let shifted = rows.map { ResamplingWindow(start: $0.start - first, weights: $0.weights) }
        return image.rowsResampled(shifted, rows: 0..<image.height).transposed()
    }

    /// Some of the rows, with a pixel for each window.
    private func rowsResampled(_ windows: [ResamplingWindow], rows: Range<Int>) -> Image {
        let width = windows.count
        var result = [UInt8](repeating: 0, count: 3 * width * rows.count)
        for (target, y) in rows.enumerated() {
            for (x, window) in windows.enumerated() {
                for channel in 0..<3 {
                    var sum = ResamplingWindow.half
                    var source = 3 * (y * self.width + window.start) + channel
                    for weight in window.weights {
                        sum += weight * Int(bytes[source])
                        source += 3
                    }
                    result[3 * (target * width + x) + channel] = UInt8(clamping: sum >> ResamplingWindow.places)
                }
            }
        }
        return Image(width: width, height: rows.count, bytes: result)
    }

    /// Rows and columns exchanged.
    func transposed() -> Image {
        var result = [UInt8](repeating: 0, count: bytes.count)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 { result[3 * (x * height + y) + channel] = bytes[3 * (y * width + x) + channel] }
            }
        }
        return Image(width: height, height: width, bytes: result)
    }
}

/// How much of a pixel's neighbours goes into it when a picture changes its size.
public enum ResamplingFilter: Sendable {
    /// Keys' cubic convolution (1981) with a = −0.5.
    case bicubic
    /// Lanczos' windowed sinc of three lobes.
    case lanczos

    /// Where the filter ends, in pixels of the smaller picture.
    fileprivate var support: Double { self == .bicubic ? 2 : 3 }

    fileprivate func weight(_ x: Double) -> Double {
        switch self {
        case .bicubic:
            let (a, x) = (-0.5, abs(x))
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        case .lanczos:
            return -3 <= x && x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
        }
    }

    private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}

/// The pixels that make one pixel of a resized row, with their weights in fixed point.
private struct ResamplingWindow {
    let start: Int
    let weights: [Int]

    /// Binary places of the weights.
    static let places = 22
    static let half = 1 << (places - 1)

    /// - Parameter part: The pixels of the resized row that are wanted.
    static func list(_ filter: ResamplingFilter, from: Int, to: Int, part: Range<Int>) -> [ResamplingWindow] {
        let scale = Double(from) / Double(to)
        let stretch = max(scale, 1)
        return part.map { index in
            guard from != to else { return ResamplingWindow(start: index, weights: [1 << places]) }
            let center = (Double(index) + 0.5) * scale
            let start = max(Int(center - filter.support * stretch + 0.5), 0)
            let end = min(Int(center + filter.support * stretch + 0.5), from)
            var weights = (start..<end).map { filter.weight((Double($0) - center + 0.5) / stretch) }
            let sum = weights.reduce(0, +)
            if sum != 0 { weights = weights.map { $0 / sum } }
            return ResamplingWindow(
                start: start,
                weights: weights.map { Int(($0 * Double(1 << places) + ($0 < 0 ? -0.5 : 0.5)).rounded(.towardZero)) })
        }
    }
}
