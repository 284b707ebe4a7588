import CKernels
import Foundation

/// A convolution along rows, of floats or of bytes, with everything that its kernels take.
struct ConvolutionCase {
    let isOfBytes: Bool
    let taps, inputs, outputs, rows, pixels: Int
    let hasSwish, hasNorm, hasResidual, hasScales, isReduced, isPositive, relu: Bool
    let x, factor, offset, weights, bias, outputScales, residual: [Float]
    let byteWeights: [Int8]

    init(_ seed: Int, isOfBytes: Bool, inputs: Int, outputs: Int, pixels: Int) {
        var random = RandomNumbers(seed: seed)
        self.isOfBytes = isOfBytes
        (self.inputs, self.outputs, self.pixels) = (inputs, outputs, pixels)
        taps = 1 + random.below(3)
        rows = 1 + random.below(2)
        (hasSwish, hasNorm, hasResidual) = (random.below(2) == 0, random.below(2) == 0, random.below(2) == 0)
        (isReduced, relu) = (random.below(2) == 0, random.below(2) == 0)
        (hasScales, isPositive) = (isOfBytes || random.below(2) == 0, !hasSwish && !hasNorm && random.below(2) == 0)
        let (pooled, isPositive) = (isReduced ? 4 : 1, isPositive)
        x = random.floats(pooled * rows * (pixels + taps - 1) * inputs).map { isPositive ? abs($0) : $0 }
        (factor, offset) = (random.floats(inputs), random.floats(inputs))
        weights = random.floats(outputs * taps * inputs)
        byteWeights = random.bytes(outputs * taps * inputs).map { Int8(bitPattern: $0) }
        (bias, outputScales) = (random.floats(outputs), random.floats(outputs))
        residual = random.floats(rows * (pixels * (outputs + 3) + 5))
    }

    /// Pixels of an input row, channels of a block, blocks, and bytes from a block to the next and a row to the next.
    var width: Int { pixels + taps - 1 }
    /// Of the image before squares of four become one pixel.
    var sourceWidth: Int { isReduced ? 2 * width : width }
    var blockChannels: Int { isOfBytes ? 64 : 16 }
    var blocks: Int { (inputs + blockChannels - 1) / blockChannels }
    var blockStride: Int { width * Int(CK_PIXEL_BLOCK) }
    var rowStride: Int { blocks * blockStride + width * 4 }
    var yStride: Int { outputs + 3 }
    var yRowStride: Int { pixels * yStride + 5 }

    /// The input as a convolution takes it, behind each row of it the scales of its pixels.
    func prepare(_ kernels: ck_kernels) -> Guarded<UInt8> {
        let (x, factor, offset) = (Guarded(x), Guarded(factor), Guarded(offset))
        let input = Guarded<UInt8>(rows * rowStride)
        var preparation = ck_input_transform(
            channels: inputs, row_below: isReduced ? sourceWidth * inputs : 0,
            factor: hasNorm ? UnsafePointer(factor.start) : nil, offset: hasNorm ? UnsafePointer(offset.start) : nil,
            swish: hasSwish ? 1 : 0, is_nonnegative: isPositive ? 1 : 0, copies: 1, block_stride: blockStride)
        for row in 0..<rows {
            let (from, to) = (x.start + source(row, 0), input.start + row * rowStride)
            let stride = isReduced ? 2 * inputs : inputs
            if isOfBytes {
                let scales = UnsafeMutableRawPointer(to + blocks * blockStride).assumingMemoryBound(to: Float.self)
                kernels.pack_input_i8(&preparation, width, from, stride, to, scales)
            } else {
                kernels.pack_input_f32(&preparation, width, from, stride, to)
            }
        }
        return input
    }

    /// The panel of weights, and of bytes their sums for each tap.
    func pack(_ kernels: ck_kernels) -> (panel: Guarded<Int32>, sums: Guarded<Int32>) {
        let panel = Guarded<Int32>(blocks * taps * 16 * Int(CK_PANEL))
        let sums = Guarded<Int32>(isOfBytes ? taps * Int(CK_PANEL) : 0)
        if isOfBytes {
            let w = Guarded(byteWeights)
            kernels.pack_weights_i8(outputs, taps, inputs, w.start, taps * inputs, panel.start, sums.start)
        } else {
            let w = Guarded(weights)
            let floats = UnsafeMutableRawPointer(panel.start).assumingMemoryBound(to: Float.self)
            kernels.pack_weights_f32(outputs, taps, inputs, w.start, taps * inputs, floats)
        }
        return (panel, sums)
    }

    /// The convolved pixels, and sums and squares for each output.
    func convolve(
        _ kernels: ck_kernels, _ input: Guarded<UInt8>, _ panel: Guarded<Int32>, _ sums: Guarded<Int32>, fused: Bool
    ) -> ConvolvedTile {
        let y = Guarded<Float>((rows - 1) * yRowStride + (pixels - 1) * yStride + outputs)
        let statistics = Guarded<Float>(2 * outputs)
        let (bias, outputScales) = (Guarded(bias), Guarded(outputScales))
        let residual = Guarded(residual[..<y.count])
        let places = (0..<taps * blocks).map { step in
            let (tap, block) = isOfBytes ? (step / blocks, step % blocks) : (step % taps, step / taps)
            return block * blockStride + tap * Int(CK_PIXEL_BLOCK)
        }
        let (offsets, scaleOffsets) = (Guarded(places), Guarded((0..<taps).map { $0 * 4 }))
        let scales = UnsafeRawPointer(input.start + blocks * blockStride).assumingMemoryBound(to: Float.self)
        var tile = ck_convolution(
            input: input.start, row_stride: rowStride, offsets: offsets.start, steps: taps * blocks, taps: taps,
            rows: rows, pixels: pixels, panel: panel.start, outputs: outputs,
            output_scales: hasScales ? UnsafePointer(outputScales.start) : nil, bias: bias.start,
            scales: isOfBytes ? scales : nil, scale_offsets: isOfBytes ? UnsafePointer(scaleOffsets.start) : nil,
            weight_sums: isOfBytes ? UnsafePointer(sums.start) : nil, zero: zero, minimum: minimum,
            residual: hasResidual ? UnsafePointer(residual.start) : nil, relu: relu ? 1 : 0, y: y.start,
            y_stride: yStride, y_row_stride: yRowStride, statistics: statistics.start, statistics_stride: outputs)
        if isOfBytes { kernels.convolve_i8(&tile) } else { kernels.convolve_f32(&tile, fused ? 1 : 0) }
        return ConvolvedTile(
            y: y, statistics: statistics, rows: rows, columns: pixels, outputs: outputs, strides: (yRowStride, yStride))
    }

    /// Where a pixel of the image starts, of a square the first.
    private func source(_ row: Int, _ pixel: Int) -> Int {
        (row * (isReduced ? 2 : 1) * sourceWidth + pixel * (isReduced ? 2 : 1)) * inputs
    }

    // A byte b represents (b − zero) · scale + minimum.
    private var zero: Int32 { hasSwish || isPositive ? 0 : 128 }
    private var minimum: Float { hasSwish ? -0.27846456 : 0 }

    /// What a pixel's channel becomes before it is convolved.
    func prepared(_ row: Int, _ pixel: Int, _ channel: Int) -> Double {
        let (first, below) = (source(row, pixel) + channel, sourceWidth * inputs)
        let places = isReduced ? [first, first + inputs, first + below, first + below + inputs] : [first]
        var value = places.reduce(0) { $0 + Double(x[$1]) } / Double(places.count)
        if hasNorm { value = value * Double(factor[channel]) + Double(offset[channel]) }
        return hasSwish ? value / (1 + exp(-value)) : value
    }

    /// What the prepared input says that it became.
    func stored(_ input: Guarded<UInt8>, _ row: Int, _ pixel: Int, _ channel: Int) -> Double {
        let start = UnsafeRawPointer(input.start + row * rowStride)
        let block = channel / blockChannels * blockStride + pixel * Int(CK_PIXEL_BLOCK)
        guard isOfBytes else {
            return Double(start.loadUnaligned(fromByteOffset: block + channel % 16 * 4, as: Float.self))
        }
        let byte = Double(start.load(fromByteOffset: block + channel % 64, as: UInt8.self)),
            scale = scale(input, row, pixel)
        return (byte - Double(zero)) * scale + Double(minimum)
    }

    func scale(_ input: Guarded<UInt8>, _ row: Int, _ pixel: Int) -> Double {
        let offset = row * rowStride + blocks * blockStride + pixel * 4
        return Double(UnsafeRawPointer(input.start).loadUnaligned(fromByteOffset: offset, as: Float.self))
    }

    /// An output, and the sum of magnitudes in it.
    func expected(_ input: Guarded<UInt8>, _ row: Int, _ pixel: Int, _ output: Int) -> (value: Double, size: Double) {
        var (sum, size) = (0.0, 0.0)
        let factor = hasScales ? Double(outputScales[output]) : 1
        for tap in 0..<taps {
            for channel in 0..<inputs {
                let place = (output * taps + tap) * inputs + channel
                let weight = isOfBytes ? Double(byteWeights[place]) : Double(weights[place])
                let product = weight * factor * stored(input, row, pixel + tap, channel)
                sum += product
                size += abs(product)
            }
        }
        let more =
            Double(bias[output])
            + (hasResidual ? Double(residual[row * yRowStride + pixel * yStride + output]) : 0)
        return (relu ? max(sum + more, 0) : sum + more, size + abs(more))
    }
}
