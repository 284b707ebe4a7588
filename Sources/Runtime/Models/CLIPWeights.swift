import DalleFormat
import DalleModels

/// Loads a CLIP's layers by name.
struct CLIPWeights: Sendable {
    let configuration: CLIPConfiguration
    let tensor: ComponentTensors

    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        guard let component = try file.component(.clip) else { throw Self.missing(file) }
        configuration = try file.configuration(of: component)
        tensor = try ComponentTensors(file, component, configuration, context)
    }

    static func missing(_ file: ModelFile) -> DalleError {
        DalleError(
            .missingInput, "holds no CLIP, which judges how well a picture fits a text",
            remedy: "Add one: dalle-convert clip SOURCE -o clip.dalle, then dalle-convert merge FILE clip.dalle -o NEW",
            file: file.path)
    }

    func norm(_ name: String) throws(DalleError) -> Norm {
        Norm(kind: .layerNorm, scale: try tensor("\(name).scale"), bias: try tensor("\(name).bias"))
    }

    func dense<Layer: DenseLayer>(_ name: String) throws(DalleError) -> Layer {
        try Layer(tensor, weight: "\(name).weight", bias: "\(name).bias")
    }

    /// One of the transformers as its route wants it.
    func tower(
        _ side: String, _ tower: CLIPConfiguration.Tower, isCausal: Bool
    ) throws(DalleError) -> any CLIPTower {
        let (norm, projection) = (try norm("\(side).output_norm"), "\(side).projection.weight")
        switch tensor.context.route {
        case .reference:
            return ReferenceTower(
                layers: try layers(side, tower, isCausal: isCausal), outputNorm: norm,
                projection: try Dense(tensor, weight: projection, bias: nil))
        case .fast:
            return FastTower(
                configuration: tower, layers: try layers(side, tower, isCausal: isCausal), outputNorm: norm,
                projection: try FastDense(tensor, weight: projection, bias: nil), isCausal: isCausal)
        }
    }

    /// What makes states of patches: a convolution whose steps are as large as its kernel.
    func patchEmbedding() throws(DalleError) -> any DenseLayer {
        let weight = "vision.patch_embedding.weight"
        return switch tensor.context.route {
        case .reference: try Dense(tensor, weight: weight, bias: nil)
        case .fast: try FastDense(tensor, weight: weight, bias: nil)
        }
    }

    func residualTower(_ network: CLIPConfiguration.ResidualNetwork) throws(DalleError) -> any PictureTower {
        switch tensor.context.route {
        case .reference: ReferenceResidualTower(layers: try CLIPResidualLayers(self, network))
        case .fast: FastResidualTower(layers: try CLIPResidualLayers(self, network))
        }
    }

    private func layers<Layer>(
        _ side: String, _ tower: CLIPConfiguration.Tower, isCausal: Bool
    ) throws(DalleError) -> [TransformerLayer<Layer>] {
        var layers: [TransformerLayer<Layer>] = []
        for number in 0..<tower.layers {
            let attention = "\(side).layers.\(number).self_attention",
                feedForward = "\(side).layers.\(number).feed_forward"
            layers.append(
                TransformerLayer(
                    selfAttention: AttentionSublayer(
                        norms: try norms(attention), inner: nil,
                        attention: Attention(
                            heads: tower.heads, headWidth: tower.width / tower.heads, isCausal: isCausal),
                        query: try dense("\(attention).query"), key: try dense("\(attention).key"),
                        value: try dense("\(attention).value"), output: try dense("\(attention).output")),
                    crossAttention: nil,
                    feedForward: FeedForwardSublayer(
                        norms: try norms(feedForward), inner: nil, activation: tower.activation, gate: nil,
                        up: try dense("\(feedForward).up"), down: try dense("\(feedForward).down"))))
        }
        return layers
    }

    private func norms(_ sublayer: String) throws(DalleError) -> ResidualNorms {
        ResidualNorms(pre: try norm("\(sublayer).pre_norm"), post: nil, residual: nil, residualScale: 1)
    }
}
