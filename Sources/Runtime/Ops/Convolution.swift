import DalleFormat
import DalleKernels
import DalleModels

/// A convolution with a square kernel and zero padding, and what follows it: a bias or a batch norm.
struct Convolution: ConvolutionLayer {
    /// How the kernel moves over the image.
    struct Placement: Sendable {
        /// Zeros before the first pixel and after the last; nil is half the kernel.
        let before: Int?
        let after: Int?
        let stride: Int

        /// Keeps the size.
        static let same = Placement(before: nil, after: nil, stride: 1)
        /// Halves the size.
        static let halving = Placement(before: nil, after: nil, stride: 2)
        /// Halves the size, with zeros at the right and below only: taming-transformers' `Downsample`.
        static let halvingFromCorner = Placement(before: 0, after: 1, stride: 2)
    }

    /// `[out, kernel, kernel, in]`.
    let weight: FloatTensor
    let norm: BatchNorm?
    let bias: FloatTensor?
    let placement: Placement

    init(_ tensors: ComponentTensors, _ name: String, _ placement: Placement) throws(DalleError) {
        weight = try tensors("\(name).weight")
        norm = try BatchNorm(tensors, "\(name).norm")
        bias = norm == nil ? try tensors("\(name).bias") : nil
        self.placement = placement
    }

    /// Neighbourhoods are gathered for some image rows at a time, so that they stay small.
    private static let patchElementCount = 1 << 21

    private var kernel: Int { weight.shape[1] }

    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        let outputs = weight.shape[0]
        precondition(x.channels == weight.shape[3])
        let (height, width) = (extent(x.height), extent(x.width))
        var y = Matrix(rows: height * width, columns: outputs)
        let depth = kernel * kernel * x.channels
        let rowsAtOnce = max(Self.patchElementCount / (depth * width), 1)
        let isPointwise = kernel == 1 && placement.stride == 1
        var target = y.values.mutableSpan
        for firstRow in stride(from: 0, to: height, by: rowsAtOnce) {
            let rows = firstRow..<min(firstRow + rowsAtOnce, height)
            let patches = isPointwise ? x.pixels.rowRange(rows, width: width) : gather(x, rows, width: width)
            context.reference.multiply(
                patches.span, stride: depth, transposed: weight.elements, stride: depth,
                into: &target, at: firstRow * width * outputs, stride: outputs,
                m: rows.count * width, n: outputs, k: depth)
        }
        if let bias = bias?.elements {
            for pixel in 0..<height * width {
                for channel in 0..<outputs { target[pixel * outputs + channel] += bias[channel] }
            }
        }
        norm?.apply(to: &y)
        return FeatureMap(height: height, width: width, pixels: y)
    }

    /// Steps of the kernel along an axis of so many pixels.
    private func extent(_ pixels: Int) -> Int {
        let reach = kernel / 2
        let padded = pixels + (placement.before ?? reach) + (placement.after ?? reach)
        return padded < kernel ? 0 : (padded - kernel) / placement.stride + 1
    }

    /// The neighbourhood of each step in some rows of the result, `[steps, kernel, kernel, in]`.
    private func gather(_ x: FeatureMap, _ rows: Range<Int>, width: Int) -> [Float] {
        let (kernel, channels, pixels) = (kernel, x.channels, x.pixels.values)
        let before = placement.before ?? kernel / 2
        var patches = [Float](repeating: 0, count: rows.count * width * kernel * kernel * channels)
        var target = 0
        for row in rows {
            for column in 0..<width {
                let left = column * placement.stride - before
                // The part of the kernel's row that lies inside the image is one run of memory.
                let first = max(left, 0)
                let last = min(left + kernel, x.width)
                let skipped = (first - left) * channels
                for dy in 0..<kernel {
                    let y = row * placement.stride - before + dy
                    if (0..<x.height).contains(y), first < last {
                        let source = (y * x.width + first) * channels
                        for i in 0..<(last - first) * channels {
                            patches[target + skipped + i] = pixels[source + i]
                        }
                    }
                    target += kernel * channels
                }
            }
        }
        return patches
    }
}

extension Matrix {
    /// The pixels of some image rows.
    fileprivate func rowRange(_ rows: Range<Int>, width: Int) -> [Float] {
        Array(values[rows.lowerBound * width * columns..<rows.upperBound * width * columns])
    }
}
