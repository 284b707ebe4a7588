import DalleFormat
import DalleModels
import Foundation

@testable import DalleConvert

/// The first stages of a VQGAN's decoder, written plainly, on imported tensors.
struct ReferenceVQGAN {
    /// A feature map, channels innermost.
    struct Features {
        let side: Int
        let channels: Int
        var values: [Double]

        /// In upstream's order, channels outermost.
        var channelsFirst: [Double] {
            (0..<channels).flatMap { channel in
                stride(from: channel, to: values.count, by: channels).map { values[$0] }
            }
        }
    }

    private let weights: [String: (shape: [Int], values: [Double])]

    init(_ part: ImportedComponent) throws {
        var weights: [String: (shape: [Int], values: [Double])] = [:]
        for tensor in part.tensors where !tensor.name.hasPrefix("vqgan.decoder.up") {
            weights[String(tensor.name.dropFirst("vqgan.".count))] = (
                tensor.source.shape.extents, try tensor.source.numbers()
            )
        }
        self.weights = weights
    }

    /// The codebook's vectors through `post_quant_conv`.
    func latents(_ codes: [Int], side: Int) -> Features {
        let (shape, table) = weights["quantize.embedding.weight"] ?? ([], [])
        let vectors = codes.flatMap { table[$0 * shape[1]..<($0 + 1) * shape[1]] }
        return convolution("post_quant_conv", Features(side: side, channels: shape[1], values: vectors))
    }

    /// What comes out of the first residual block.
    func firstBlock(_ latents: Features) -> Features {
        let input = convolution("decoder.conv_in", latents)
        let block = "decoder.mid.block_1"
        let inner = convolution("\(block).conv1", swish(norm("\(block).norm1", input)))
        var output = convolution("\(block).conv2", swish(norm("\(block).norm2", inner)))
        output.values = zip(input.values, output.values).map { $0 + $1 }
        return output
    }

    private func convolution(_ name: String, _ input: Features) -> Features {
        let (shape, kernel) = weights["\(name).weight"] ?? ([], [])
        let bias = weights["\(name).bias"]?.values ?? []
        let (out, size, width) = (shape[0], shape[1], input.channels)
        var values = [Double](repeating: 0, count: input.side * input.side * out)
        for row in 0..<input.side {
            for column in 0..<input.side {
                for channel in 0..<out {
                    var sum = bias[channel]
                    for i in 0..<size {
                        for j in 0..<size {
                            let (y, x) = (row + i - size / 2, column + j - size / 2)
                            guard (0..<input.side).contains(y), (0..<input.side).contains(x) else { continue }
                            let pixel = (y * input.side + x) * width, tap = ((channel * size + i) * size + j) * width
                            for c in 0..<width { sum += kernel[tap + c] * input.values[pixel + c] }
                        }
                    }
                    values[(row * input.side + column) * out + channel] = sum
                }
            }
        }
        return Features(side: input.side, channels: out, values: values)
    }

    private func norm(_ name: String, _ input: Features) -> Features {
        let scale = weights["\(name).weight"]?.values ?? [], bias = weights["\(name).bias"]?.values ?? []
        let size = input.channels / VQGANConfiguration.normGroups
        var output = input
        for group in 0..<VQGANConfiguration.normGroups {
            let members = input.values.indices.filter { $0 % input.channels / size == group }
            let mean = members.reduce(0) { $0 + input.values[$1] } / Double(members.count)
            let variance =
                members.reduce(0) { $0 + (input.values[$1] - mean) * (input.values[$1] - mean) } / Double(members.count)
            for index in members {
                let channel = index % input.channels
                output.values[index] =
                    (input.values[index] - mean) / (variance + 1e-6).squareRoot() * scale[channel] + bias[channel]
            }
        }
        return output
    }

    private func swish(_ input: Features) -> Features {
        var output = input
        output.values = input.values.map { $0 / (1 + exp(-$0)) }
        return output
    }
}
