import DalleFormat
import DalleKernels

/// A convolution with a square kernel, stride 1 and zero padding that keeps the size.
struct Convolution: Sendable {
    /// `[out, kernel, kernel, in]`.
    let weight: FloatTensor
    let bias: FloatTensor

    /// Neighbourhoods are gathered for some image rows at a time, so that they stay small.
    private static let patchElementCount = 1 << 21

    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        let (outputs, kernel) = (weight.shape[0], weight.shape[1])
        precondition(x.channels == weight.shape[3])
        var y = Matrix(rows: x.height * x.width, columns: outputs)
        let depth = kernel * kernel * x.channels
        let rowsAtOnce = max(Self.patchElementCount / (depth * x.width), 1)
        var target = y.values.mutableSpan
        for firstRow in stride(from: 0, to: x.height, by: rowsAtOnce) {
            let rows = firstRow..<min(firstRow + rowsAtOnce, x.height)
            let patches = kernel == 1 ? x.pixels.rowRange(rows, width: x.width) : gather(x, rows, kernel: kernel)
            context.kernels.multiply(
                patches.span, stride: depth, transposed: weight.elements, stride: depth,
                into: &target, at: firstRow * x.width * outputs, stride: outputs,
                m: rows.count * x.width, n: outputs, k: depth)
        }
        let bias = bias.elements
        for pixel in 0..<x.height * x.width {
            for channel in 0..<outputs { target[pixel * outputs + channel] += bias[channel] }
        }
        return FeatureMap(height: x.height, width: x.width, pixels: y)
    }

    /// The neighbourhood of each pixel of some image rows, `[pixels, kernel, kernel, in]`.
    private func gather(_ x: FeatureMap, _ rows: Range<Int>, kernel: Int) -> [Float] {
        let channels = x.channels
        let reach = kernel / 2
        var patches = [Float](repeating: 0, count: rows.count * x.width * kernel * kernel * channels)
        var target = 0
        for row in rows {
            for column in 0..<x.width {
                for dy in -reach...reach {
                    let y = row + dy
                    // The part of the kernel's row that lies inside the image is one run of memory.
                    let first = max(column - reach, 0)
                    let last = min(column + reach, x.width - 1)
                    if (0..<x.height).contains(y) {
                        let source = (y * x.width + first) * channels
                        let skipped = (first - (column - reach)) * channels
                        for i in 0..<(last - first + 1) * channels {
                            patches[target + skipped + i] = x.pixels.values[source + i]
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
