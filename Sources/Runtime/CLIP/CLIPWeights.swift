import DalleFormat
import DalleModels

/// Loads a CLIP's layers by name.
struct CLIPWeights: Sendable {
    let configuration: CLIPConfiguration
    let tensor: ComponentTensors

    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        (configuration, tensor) = try ComponentTensors.load(file, .scorer, context)
    }

    func dense<Layer: DenseLayer>(_ name: String) throws(DalleError) -> Layer {
        try Layer(tensor, weight: "\(name).weight", bias: "\(name).bias")
    }

    func textTower() throws(DalleError) -> any TextTower {
        switch tensor.context.route {
        case .reference: try TextTransformer<PlainTransformer>(self)
        case .fast: try TextTransformer<FastTransformer>(self)
        }
    }

    func pictureTower() throws(DalleError) -> any PictureTower {
        switch (configuration.vision, tensor.context.route) {
        case (.transformer(let tower, let patchSize), .reference):
            try VisionTransformer<PlainTransformer>(self, tower, patchSize: patchSize)
        case (.transformer(let tower, let patchSize), .fast):
            try VisionTransformer<FastTransformer>(self, tower, patchSize: patchSize)
        case (.residual(let network), .reference): try ResidualTower<Dense>(self, network)
        case (.residual(let network), .fast): try ResidualTower<FastDense>(self, network)
        }
    }
}
