import DalleFormat
import DalleModels
import Testing

@Suite struct ConvNetworkTests {
    /// A network whose sizes can be followed by hand.
    private static var network: ConvNetwork {
        var network = ConvNetwork(inputs: 3)
        network.convolution("in", to: 8, kernel: 3, stride: 2, epilogue: .batchNorm(epsilon: 1e-5))
        network.activation(.relu)
        network.averagePooling()
        network.residual { body in
            body.groupNorm("norm", groups: 4, epsilon: 1e-6)
            body.activation(.silu)
            body.upsampling()
            body.convolution("long", to: 16, kernel: 3, padding: .init(before: 0, after: 2))
        } shortcut: { shortcut in
            shortcut.upsampling()
            shortcut.convolution("short", to: 16)
        }
        network.attention("attn", projections: ("q", "k", "v", "o"), groups: 2, epsilon: 1e-6)
        return network
    }

    @Test func sizesAreFollowed() {
        var found: [String] = []
        let end = Self.network.forEachConvolution(height: 13, width: 9) { layer, input, output in
            found.append(
                "\(layer.name) \(input.height)×\(input.width) \(output.height)×\(output.width)×\(output.channels)")
        }
        // 13 × 9 with a zero on each side, in steps of two: 7 × 5; pooled 3 × 2.
        #expect(
            Set(found)
                == [
                    "in 13×9 7×5×8", "long 6×4 6×4×16", "short 6×4 6×4×16", "attn.q 6×4 6×4×16", "attn.k 6×4 6×4×16",
                    "attn.v 6×4 6×4×16", "attn.o 6×4 6×4×16",
                ])
        #expect(found.count == 7)
        #expect(end == FeatureMapSize(height: 6, width: 4, channels: 16))
        #expect(Self.network.outputs == 16)
        #expect(Self.network.largestFeatureMap(height: 13, width: 9) == 6 * 4 * 16)
        // The input itself.
        #expect(Self.network.largestFeatureMap(height: 2, width: 2) >= 12)
    }

    @Test func tensorsAreNamedInOrder() throws {
        var found: [String] = []
        try Self.network.forEachTensor { found.append("\($0) \($1)") }
        #expect(
            found == [
                "in.weight [8, 3, 3, 3]", "in.norm.scale [8]", "in.norm.bias [8]", "in.norm.mean [8]",
                "in.norm.variance [8]", "norm.weight [8]", "norm.bias [8]", "long.weight [16, 3, 3, 8]",
                "long.bias [16]", "short.weight [16, 1, 1, 8]", "short.bias [16]", "attn.norm.weight [16]",
                "attn.norm.bias [16]", "attn.q.weight [16, 1, 1, 16]", "attn.q.bias [16]",
                "attn.k.weight [16, 1, 1, 16]", "attn.k.bias [16]", "attn.v.weight [16, 1, 1, 16]", "attn.v.bias [16]",
                "attn.o.weight [16, 1, 1, 16]", "attn.o.bias [16]",
            ])
        #expect(Self.network.hasGroupNorms)
        #expect(!CLIPConfiguration.ResidualNetwork(width: 8, blocks: [1, 1, 1, 1], heads: 4).features.hasGroupNorms)
    }

    @Test func tensorsTooLargeToExistAreRefused() {
        var network = ConvNetwork(inputs: 1 << 40)
        network.convolution("huge", to: 1 << 40, kernel: 3)
        #expect(throws: DalleError.self) { try network.forEachTensor { _, _ in } }
    }

    /// Both halves of a VQGAN double and halve as often as its factor says, and end with the channels the other starts with.
    @Test(arguments: [[1], [1, 2], [1, 1, 2, 2, 4]]) func halvesOfAVQGANFit(_ multipliers: [Int]) {
        let model = VQGANConfiguration(
            codebookSize: 16, embeddingWidth: 8, latentChannels: 24, baseChannels: 32, channelMultipliers: multipliers,
            residualBlocks: 2, attentionLevels: [0], pixelRange: .signed, encoding: .projection)
        let edge = 2 * model.factor
        let vectors = model.encoder.forEachConvolution(height: edge, width: 2 * edge) { _, _, _ in }
        #expect(vectors == FeatureMapSize(height: 2, width: 4, channels: 8))
        var last = ""
        let pixels = model.decoder.forEachConvolution(height: 2, width: 4) { layer, _, _ in last = layer.name }
        #expect(pixels == FeatureMapSize(height: edge, width: 2 * edge, channels: 3))
        #expect(last == "decoder.conv_out")
        #expect(!model.encoder.allowsInt8Activations && model.decoder.allowsInt8Activations)
    }

    /// The stem divides by four, each stage but the first by two.
    @Test func aResidualNetworkGivesWhatIsPooled() {
        let network = CLIPConfiguration.ResidualNetwork(width: 12, blocks: [1, 2, 1, 3], heads: 4)
        let end = network.features.forEachConvolution(height: 96, width: 96) { _, _, _ in }
        #expect(end == FeatureMapSize(height: 96 / network.factor, width: 3, channels: network.pooledWidth))
    }
}
