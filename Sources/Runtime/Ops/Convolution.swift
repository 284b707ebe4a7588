import DalleFormat
import DalleKernels
import DalleModels

/// A convolution on float32 weights.
struct Convolution: ConvolutionLayer {
    let settings: ConvNetwork.Convolution
    /// `[outputs, kernel, kernel, inputs]`.
    private let weight: FloatTensor
    private let epilogue: Epilogue

    private enum Epilogue: Sendable {
        case bias(FloatTensor)
        case batchNorm(BatchNorm)
    }

    init(
        _ tensors: ComponentTensors, _ settings: ConvNetwork.Convolution, allowsInt8Activations _: Bool = false
    ) throws(DalleError) {
        self.settings = settings
        weight = try tensors("\(settings.name).weight")
        epilogue =
            switch settings.epilogue {
            case .bias: .bias(try tensors("\(settings.name).bias"))
            case .batchNorm(let epsilon):
                .batchNorm(try BatchNorm(tensors, "\(settings.name).norm", epsilon: epsilon))
            }
    }

    /// Neighbourhoods are gathered for some image rows at a time, so that they stay small.
    private static let patchElementCount = 1 << 21

    func callAsFunction(_ x: FeatureMap, _ context: ComputeContext) -> FeatureMap {
        let (outputs, kernel) = (settings.outputs, settings.kernel)
        precondition(x.channels == settings.inputs)
        let (height, width) = (settings.places(x.height), settings.places(x.width))
        var y = Matrix(rows: height * width, columns: outputs)
        let depth = kernel * kernel * x.channels
        let rowsAtOnce = max(Self.patchElementCount / (depth * width), 1)
        var target = y.values.mutableSpan
        for firstRow in stride(from: 0, to: height, by: rowsAtOnce) {
            let rows = firstRow..<min(firstRow + rowsAtOnce, height)
            let patches = settings.isPointwise ? x.pixels.rowRange(rows, width: width) : gather(x, rows, width: width)
            context.reference.multiply(
                patches.span, stride: depth, transposed: weight.elements, stride: depth,
                into: &target, at: firstRow * width * outputs, stride: outputs,
                m: rows.count * width, n: outputs, k: depth)
        }
        switch epilogue {
        case .bias(let tensor):
            let bias = tensor.elements
            for pixel in 0..<height * width {
                for channel in 0..<outputs { target[pixel * outputs + channel] += bias[channel] }
            }
        case .batchNorm(let norm): norm.apply(to: &y)
        }
        return FeatureMap(height: height, width: width, pixels: y)
    }

    /// The neighbourhood of each pixel in some rows of the result, `[pixels, kernel, kernel, inputs]`.
    private func gather(_ x: FeatureMap, _ rows: Range<Int>, width: Int) -> [Float] {
        let (kernel, stride, before) = (settings.kernel, settings.stride, settings.padding.before)
        let (channels, pixels) = (x.channels, x.pixels.values)
        var patches = [Float](repeating: 0, count: rows.count * width * kernel * kernel * channels)
        var target = 0
        for row in rows {
            for column in 0..<width {
                let left = column * stride - before
                // The part of the kernel's row that lies inside the image is one run of memory.
                let first = max(left, 0)
                let last = min(left + kernel, x.width)
                let skipped = (first - left) * channels
                for dy in 0..<kernel {
                    let y = row * stride - before + dy
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
